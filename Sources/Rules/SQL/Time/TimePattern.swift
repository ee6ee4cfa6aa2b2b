/// A pattern of a time's text, cut into letters and literals. What the letters mean is the matter of the two that use it: Joda-Time's
/// for writing, java.time's for reading. They agree on the form: runs of letters, `'text'`, and `''` for a quote.
struct TimePattern: Sendable {
    enum Element: Sendable, Equatable {
        case field(Character, count: Int)
        case literal(String)
        /// `[` and `]`, which only java.time has.
        case optionalStart
        case optionalEnd
    }

    static let maxLength = 1024

    let elements: [Element]

    /// Nil when a quote is open or the text is too long. `hasOptionals` gives brackets their meaning.
    init?(_ text: String, hasOptionals: Bool) {
        guard text.utf8.count <= Self.maxLength else { return nil }
        var elements: [Element] = []
        var rest = text[...]
        while let character = rest.first {
            if character.isASCII && character.isLetter {
                let run = rest.prefix { $0 == character }
                elements.append(.field(character, count: run.count))
                rest = rest.dropFirst(run.count)
            } else if character == "'" {
                guard let literal = Self.quoted(&rest) else { return nil }
                elements.append(.literal(literal))
            } else {
                rest = rest.dropFirst()
                switch character {
                case "[" where hasOptionals: elements.append(.optionalStart)
                case "]" where hasOptionals: elements.append(.optionalEnd)
                default: elements.append(.literal(String(character)))
                }
            }
        }
        self.elements = elements
    }

    private static func quoted(_ rest: inout Substring) -> String? {
        rest = rest.dropFirst()
        if rest.first == "'" {
            rest = rest.dropFirst()
            return "'"
        }
        var literal = ""
        while let character = rest.popFirst() {
            if character != "'" {
                literal.append(character)
            } else if rest.first == "'" {
                literal.append("'")
                rest = rest.dropFirst()
            } else {
                return literal
            }
        }
        return nil
    }
}

/// English names, as the JVM of AWS has them.
enum TimeNames {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
    /// Monday first.
    static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    static func short(_ name: String) -> String { String(name.prefix(3)) }
}
