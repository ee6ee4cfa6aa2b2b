import JSON

/// Values as a line for a person has them: compact JSON, cut where it is long, and without what a terminal would obey.
enum ValueText {
    /// Characters of a value that are shown.
    static let maxCharacters = 72
    /// Characters before the first difference of two long values.
    private static let leadCharacters = 12

    static func whole(_ value: JSONValue) -> String { self.harmless(value.serialized()) }

    static func short(_ value: JSONValue) -> String {
        let text = self.whole(value)
        return self.cut(Array(text), from: 0) + self.size(of: value, in: text)
    }

    /// Two values that differ. Long ones are shown from where they do.
    static func pair(_ old: JSONValue, _ new: JSONValue) -> (old: String, new: String) {
        let oldText = self.whole(old)
        let newText = self.whole(new)
        let (oldCharacters, newCharacters) = (Array(oldText), Array(newText))
        let common = zip(oldCharacters, newCharacters).prefix { $0 == $1 }.count
        let start = common > self.maxCharacters - self.leadCharacters ? common - self.leadCharacters : 0
        return (
            self.cut(oldCharacters, from: start) + self.size(of: old, in: oldText),
            self.cut(newCharacters, from: start) + self.size(of: new, in: newText)
        )
    }

    private static func cut(_ text: [Character], from start: Int) -> String {
        let shown = text.dropFirst(start).prefix(self.maxCharacters)
        return (start > 0 ? "…" : "") + String(shown) + (shown.endIndex < text.endIndex ? "…" : "")
    }

    /// How much there is of a value that was cut.
    private static func size(of value: JSONValue, in text: String) -> String {
        guard text.count > self.maxCharacters else { return "" }
        return switch value {
        case .array(let values): " (\(values.count) elements)"
        case .object(let object): " (\(object.count) keys)"
        case .string(let text): " (\(text.count) characters)"
        case .null, .bool, .int, .decimal: ""
        }
    }

    /// JSON escapes the control characters of ASCII; DEL, those of Latin-1 and the marks that turn the direction of a line are left.
    static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: Self.isHarmful) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if self.isHarmful(scalar) {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
