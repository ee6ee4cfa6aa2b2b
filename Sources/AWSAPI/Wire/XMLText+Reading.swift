/// Reads the flat XML of AWS's answers: elements without attributes, none inside another one of the same name.
extension XMLText {
    /// What stands in the first element with this name.
    package static func content(of element: String, in text: some StringProtocol) -> String? {
        Self.next(element, in: text[...]).map { Self.unescaped($0.content) }
    }

    /// What stands in each element with this name, unread: elements in it are still to be read.
    package static func contents(of element: String, in text: some StringProtocol) -> [String] {
        var found: [String] = []
        var rest = Substring(text)
        while let next = Self.next(element, in: rest) {
            found.append(String(next.content))
            rest = next.rest
        }
        return found
    }

    private static func next(_ element: String, in text: some StringProtocol) -> (content: Substring, rest: Substring)? {
        let text = Substring(text)
        guard let start = text.firstRange(of: "<\(element)>") else { return nil }
        let rest = text[start.upperBound...]
        guard let end = rest.firstRange(of: "</\(element)>") else { return nil }
        return (rest[..<end.lowerBound], rest[end.upperBound...])
    }

    private static func unescaped(_ text: Substring) -> String {
        var text = String(text)
        // The ampersand last: what it makes is no entity.
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#xD;", "\r"), ("&amp;", "&")] {
            text = text.replacing(entity, with: character)
        }
        return text
    }
}
