import AWSAPI

/// A filter pattern (CloudWatch Logs, "Filter pattern syntax"): all words have to be there, `-word` must not be, of those with a question mark one
/// has to be; what stands in quotes is one word. One in braces is about events that are JSON objects.
struct LogFilter: Sendable {
    private var all: [String] = []
    private var none: [String] = []
    private var any: [String] = []
    private var json: JSONLogFilter?

    /// - Throws: InvalidParameterException for patterns of columns and regular expressions, which are not offered.
    init(_ pattern: String) throws(AWSError) {
        let text = pattern.drop { $0 == " " }
        if let first = text.first, "[%".contains(first) {
            throw LogsService.invalid("Filter patterns for columns and regular expressions are not supported by Roost: give words.")
        }
        if text.first == "{" {
            self.json = try JSONLogFilter(text)
            return
        }
        for word in try Self.words(text) {
            switch word.mark {
            case "-": self.none.append(word.text)
            case "?": self.any.append(word.text)
            default: self.all.append(word.text)
            }
        }
    }

    func matches(_ message: String) -> Bool {
        if let json { return json.matches(message) }
        return self.all.allSatisfy { message.contains($0) } && !self.none.contains { message.contains($0) }
            && (self.any.isEmpty || self.any.contains { message.contains($0) })
    }

    private static func words(_ text: Substring) throws(AWSError) -> [(mark: Character?, text: String)] {
        var words: [(Character?, String)] = []
        var rest = text
        while let first = rest.first {
            guard first != " " else {
                rest.removeFirst()
                continue
            }
            var mark: Character?
            if first == "-" || first == "?" {
                mark = first
                rest.removeFirst()
            }
            if rest.first == "\"" {
                let inside = rest.dropFirst()
                guard let end = inside.firstIndex(of: "\"") else {
                    throw LogsService.invalid("Invalid filter pattern: a quotation mark has no end.")
                }
                words.append((mark, String(inside[..<end])))
                rest = inside[inside.index(after: end)...]
            } else {
                let word = rest.prefix { $0 != " " }
                words.append((mark, String(word)))
                rest = rest.dropFirst(word.count)
            }
        }
        return words.filter { !$0.1.isEmpty }
    }
}
