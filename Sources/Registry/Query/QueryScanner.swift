/// The characters of a query, read one after the other.
struct QueryScanner {
    /// Have a meaning, or will not be searched for, where they stand without a backslash.
    private static let special = Set<Unicode.Scalar>("()[]{}\"^~:<>=!&|+`@#%\\/';,".unicodeScalars)
    /// Of them, those that a word may have after its first character: the colons of names, and the signs of numbers.
    private static let allowedInside = Set<Unicode.Scalar>(":+".unicodeScalars)

    private let scalars: [Unicode.Scalar]
    private(set) var position = 0

    init(_ text: String) { self.scalars = Array(text.unicodeScalars) }

    var count: Int { self.scalars.count }
    var isAtEnd: Bool { self.position >= self.scalars.count }
    var peek: Unicode.Scalar? { self.isAtEnd ? nil : self.scalars[self.position] }

    func error(_ message: String) -> QueryError { QueryError(message: message, position: self.position) }

    mutating func advance() { self.position += 1 }

    mutating func skipSpace() {
        while let scalar = self.peek, scalar.properties.isWhitespace { self.position += 1 }
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard self.peek == scalar else { return false }
        self.position += 1
        return true
    }

    // MARK: Operators

    func isAtKeyword(_ word: String) -> Bool {
        let end = self.position + word.unicodeScalars.count
        guard end <= self.scalars.count, self.scalars[self.position..<end].elementsEqual(word.unicodeScalars) else { return false }
        return end == self.scalars.count || self.scalars[end].properties.isWhitespace || self.scalars[end] == "("
    }

    mutating func takeKeyword(_ word: String) -> Bool {
        guard self.isAtKeyword(word) else { return false }
        self.position += word.unicodeScalars.count
        self.skipSpace()
        return true
    }

    mutating func takeMinus() -> Bool {
        guard self.peek == "-" else { return false }
        // A number has one too, but only after its field.
        self.position += 1
        return true
    }

    /// A `*` that stands alone.
    mutating func takeLoneStar() -> Bool {
        guard self.peek == "*" else { return false }
        let next = self.position + 1
        guard next == self.scalars.count || self.scalars[next].properties.isWhitespace || self.scalars[next] == ")" else { return false }
        self.position = next
        return true
    }

    enum Comparison: String {
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"

        func range(_ number: Double) -> QueryRange<Double> {
            switch self {
            case .lessOrEqual: QueryRange(upper: .init(value: number, isIncluded: true))
            case .greaterOrEqual: QueryRange(lower: .init(value: number, isIncluded: true))
            case .less: QueryRange(upper: .init(value: number, isIncluded: false))
            case .greater: QueryRange(lower: .init(value: number, isIncluded: false))
            }
        }
    }

    mutating func takeComparison() -> Comparison? {
        for comparison in [Comparison.lessOrEqual, .greaterOrEqual, .less, .greater] {
            let scalars = comparison.rawValue.unicodeScalars
            guard self.scalars[self.position...].starts(with: scalars) else { continue }
            self.position += scalars.count
            return comparison
        }
        return nil
    }

    // MARK: Words

    /// The field of a term with the sign after it, nil for a term without a field. Before a comparison its sign stays.
    mutating func takeField() throws(QueryError) -> String? {
        let start = self.position
        var path = String.UnicodeScalarView()
        while let scalar = self.peek {
            switch scalar {
            case ":" where self.position > start:
                self.position += 1
                return String(path)
            case "<" where self.position > start, ">" where self.position > start: return String(path)
            case "\\":
                guard self.position + 1 < self.scalars.count else { throw self.error("There is nothing after the backslash") }
                path.append(self.scalars[self.position + 1])
                self.position += 2
            default:
                guard !Self.special.contains(scalar), !scalar.properties.isWhitespace, scalar != "*", scalar != "?" else {
                    self.position = start
                    return nil
                }
                path.append(scalar)
                self.position += 1
            }
        }
        self.position = start
        return nil
    }

    mutating func takeNumber() throws(QueryError) -> Double {
        let start = self.position
        let parts = try self.takeWord()
        guard let number = IndexTerm.number(parts.text), parts.allSatisfy(\.isCharacter) else {
            throw QueryError(message: "A comparison needs a number", position: start)
        }
        return number
    }

    /// A word up to white space or a parenthesis.
    mutating func takeWord() throws(QueryError) -> [WordPattern.Part] {
        let start = self.position
        var parts: [WordPattern.Part] = []
        while let scalar = self.peek, !scalar.properties.isWhitespace, scalar != ")", scalar != "]", scalar != "}" {
            switch scalar {
            case "\\":
                guard self.position + 1 < self.scalars.count else { throw self.error("There is nothing after the backslash") }
                parts.append(.character(self.scalars[self.position + 1]))
                self.position += 1
            case "*": parts.append(.many)
            case "?": parts.append(.one)
            case "^": throw self.error("Boosting with \"^\" is not supported")
            case "~": throw self.error("Fuzzy and proximity searches with \"~\" are not supported")
            default:
                guard !Self.special.contains(scalar) || (self.position > start && Self.allowedInside.contains(scalar)) else {
                    throw self.error("\"\(scalar)\" cannot stand here; with a backslash before it, it is searched for")
                }
                parts.append(.character(scalar))
            }
            self.position += 1
        }
        guard !parts.isEmpty else { throw self.error("Here should be something to search for") }
        return parts
    }

    /// What is between two quotation marks.
    mutating func takePhrase() throws(QueryError) -> String {
        let start = self.position
        self.position += 1
        var text = String.UnicodeScalarView()
        while let scalar = self.peek {
            self.position += 1
            switch scalar {
            case "\"": return String(text)
            case "\\" where !self.isAtEnd:
                text.append(self.scalars[self.position])
                self.position += 1
            default: text.append(scalar)
            }
        }
        throw QueryError(message: "This quotation mark has no second one", position: start)
    }

    /// What follows `geo_distance,`.
    mutating func takeGeoDistance() -> String? {
        let word = "geo_distance,".unicodeScalars
        guard self.scalars[self.position...].starts(with: word) else { return nil }
        self.position += word.count
        var text = String.UnicodeScalarView()
        while let scalar = self.peek, !scalar.properties.isWhitespace, scalar != ")" {
            text.append(scalar)
            self.position += 1
        }
        return String(text)
    }
}

extension WordPattern.Part {
    var isCharacter: Bool {
        if case .character = self { true } else { false }
    }
}

extension [WordPattern.Part] {
    /// Without the wildcards.
    var text: String {
        var view = String.UnicodeScalarView()
        for case .character(let scalar) in self { view.append(scalar) }
        return String(view)
    }

    /// Characters whose lower case has several scalars get all of them.
    var lowercased: [WordPattern.Part] {
        self.flatMap { part -> [WordPattern.Part] in
            guard case .character(let scalar) = part else { return [part] }
            return scalar.properties.lowercaseMapping.unicodeScalars.map { .character($0) }
        }
    }
}
