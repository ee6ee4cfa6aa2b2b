import NIOCore

/// One element of a request's XML document. Attributes, comments and processing instructions are passed over, a document type is refused:
/// S3's requests have none.
struct XMLElement: Sendable, Hashable {
    /// Without a namespace's prefix.
    var name: String
    /// The text directly inside, entities resolved.
    var text = ""
    var children: [XMLElement] = []

    /// Elements open at one time, and in all. Past it the document is malformed.
    private static let maxDepth = 16
    private static let maxElements = 10_000

    subscript(name: String) -> XMLElement? { self.children.first { $0.name == name } }

    func all(_ name: String) -> [XMLElement] { self.children.filter { $0.name == name } }

    /// - Returns: nil when it is no well-formed document.
    init?(parsing body: ByteBuffer) {
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else { return nil }
        var rest = Substring(text)
        var open: [XMLElement] = []
        var count = 0
        while let start = rest.firstIndex(of: "<") {
            guard let content = Self.resolved(rest[..<start]) else { return nil }
            if open.isEmpty {
                guard content.allSatisfy(\.isWhitespace) else { return nil }
            } else {
                open[open.count - 1].text += content
            }
            guard let (tag, after) = Self.tag(rest[start...]) else { return nil }
            rest = after
            switch tag {
            case .none: continue
            case .opened(let name, let isEmpty):
                count += 1
                guard open.count < Self.maxDepth, count <= Self.maxElements else { return nil }
                open.append(XMLElement(name: name))
                if !isEmpty { continue }
            case .closed(let name):
                guard open.last?.name == name else { return nil }
            }
            guard let done = open.popLast() else { return nil }
            if open.isEmpty {
                guard rest.allSatisfy(\.isWhitespace) else { return nil }
                self = done
                return
            }
            open[open.count - 1].children.append(done)
        }
        return nil
    }

    private init(name: String) { self.name = name }

    private enum Tag {
        case none
        case opened(String, isEmpty: Bool)
        case closed(String)
    }

    /// The tag at the start of `text`, and what comes behind it.
    private static func tag(_ text: Substring) -> (Tag, Substring)? {
        if text.hasPrefix("<!--") { return Self.passing(text, until: "-->") }
        if text.hasPrefix("<?") { return Self.passing(text, until: "?>") }
        guard !text.hasPrefix("<!"), let end = Self.endOfTag(text) else { return nil }
        var inner = text[text.index(after: text.startIndex)..<end]
        let after = text[text.index(after: end)...]
        let isClosing = inner.first == "/"
        let isEmpty = inner.last == "/"
        if isClosing { inner.removeFirst() }
        if isEmpty, !inner.isEmpty { inner.removeLast() }
        let qualified = inner.prefix { !$0.isWhitespace }
        guard let name = qualified.split(separator: ":").last, !(isClosing && isEmpty) else { return nil }
        return (isClosing ? .closed(String(name)) : .opened(String(name), isEmpty: isEmpty), after)
    }

    private static func passing(_ text: Substring, until mark: String) -> (Tag, Substring)? {
        text.firstRange(of: mark).map { (.none, text[$0.upperBound...]) }
    }

    /// The `>` that is not within an attribute's value.
    private static func endOfTag(_ text: Substring) -> Substring.Index? {
        var quote: Character?
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == ">" {
                return index
            }
        }
        return nil
    }

    private static let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
    /// Letters between `&` and `;`.
    private static let maxEntityLength = 10

    private static func resolved(_ text: Substring) -> String? {
        guard text.contains("&") else { return String(text) }
        var result = ""
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            rest = rest[rest.index(after: start)...]
            guard let end = rest.prefix(Self.maxEntityLength + 1).firstIndex(of: ";") else { return nil }
            let name = rest[..<end]
            rest = rest[rest.index(after: end)...]
            if let known = Self.entities[String(name)] {
                result += known
            } else if name.first == "#" {
                let isHex = name.dropFirst().first == "x"
                guard let value = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10), let scalar = Unicode.Scalar(value) else {
                    return nil
                }
                result.unicodeScalars.append(scalar)
            } else {
                return nil
            }
        }
        return result + rest
    }
}
