internal import JSON

/// Typed readers. Each throws InvalidRequestException in AWS's words when a member is missing, of another type, or outside of its
/// constraints.
extension OperationInput {
    // MARK: Texts

    /// - Parameters:
    ///   - min: the least length in Unicode scalars.
    ///   - max: the greatest length.
    package func optionalString(
        _ name: String, in place: InputPlace = .body, min: Int = 0, max: Int = .max, pattern: InputPattern? = nil
    ) throws(AWSError) -> String? {
        let text: String
        if case .body = place.kind {
            guard let value = try self.value(name) else { return nil }
            guard case .string(let string) = value else { throw Self.wrongType(name, value, expected: "a string") }
            text = string
        } else {
            guard let value = self.text(name, in: place) else { return nil }
            text = value
        }
        try Self.check(text, name, min: min, max: max, pattern: pattern)
        return text
    }

    package func string(
        _ name: String, in place: InputPlace = .body, min: Int = 1, max: Int = .max, pattern: InputPattern? = nil
    ) throws(AWSError) -> String {
        try Self.required(name, self.optionalString(name, in: place, min: min, max: max, pattern: pattern))
    }

    /// A member that is one of a few words.
    package func optionalWord(_ name: String, in place: InputPlace = .body, of words: [String]) throws(AWSError) -> String? {
        guard let word = try self.optionalString(name, in: place) else { return nil }
        guard words.contains(word) else {
            throw .constraint(
                "Member must satisfy enum value set: [\(words.joined(separator: ", "))]", value: Self.quoted(word), at: name)
        }
        return word
    }

    package func word(_ name: String, in place: InputPlace = .body, of words: [String]) throws(AWSError) -> String {
        try Self.required(name, self.optionalWord(name, in: place, of: words))
    }

    // MARK: Numbers and Booleans

    package func optionalInt(
        _ name: String, in place: InputPlace = .body, range: ClosedRange<Int> = Int.min...Int.max
    ) throws(AWSError) -> Int? {
        let number: Int
        if case .body = place.kind {
            guard let value = try self.value(name) else { return nil }
            guard let integer = value.intValue else { throw Self.wrongType(name, value, expected: "an integer") }
            number = Int(integer)
        } else {
            guard let text = self.text(name, in: place) else { return nil }
            guard let integer = Int(text) else { throw Self.wrongType(name, .string(text), expected: "an integer") }
            number = integer
        }
        guard number >= range.lowerBound else {
            throw .constraint("Member must have value greater than or equal to \(range.lowerBound)", value: "'\(number)'", at: name)
        }
        guard number <= range.upperBound else {
            throw .constraint("Member must have value less than or equal to \(range.upperBound)", value: "'\(number)'", at: name)
        }
        return number
    }

    package func int(
        _ name: String, in place: InputPlace = .body, range: ClosedRange<Int> = Int.min...Int.max
    ) throws(AWSError) -> Int {
        try Self.required(name, self.optionalInt(name, in: place, range: range))
    }

    package func optionalBool(_ name: String, in place: InputPlace = .body) throws(AWSError) -> Bool? {
        if case .body = place.kind {
            guard let value = try self.value(name) else { return nil }
            guard let bool = value.boolValue else { throw Self.wrongType(name, value, expected: "a boolean") }
            return bool
        }
        switch self.text(name, in: place)?.lowercased() {
        case nil: return nil
        case "true": return true
        case "false": return false
        case .some(let text): throw Self.wrongType(name, .string(text), expected: "a boolean")
        }
    }

    package func bool(_ name: String, in place: InputPlace = .body, default standard: Bool = false) throws(AWSError) -> Bool {
        try self.optionalBool(name, in: place) ?? standard
    }

    // MARK: What they share

    static func required<T>(_ name: String, _ value: T?) throws(AWSError) -> T {
        guard let value else { throw .constraint("Member must not be null", value: "null", at: name) }
        return value
    }

    static func wrongType(_ name: String, _ value: JSONValue, expected: String) -> AWSError {
        .invalidRequest("The value of '\(name)' must be \(expected), not \(Self.quoted(value.serialized()))")
    }

    static func check(_ text: String, _ name: String, min: Int, max: Int, pattern: InputPattern?) throws(AWSError) {
        // A text has at most as many scalars as bytes: short ones need no count.
        let isShort = text.utf8.count <= max
        if !isShort, text.unicodeScalars.count > max {
            throw .constraint("Member must have length less than or equal to \(max)", value: Self.quoted(text), at: name)
        }
        if min > 0, text.unicodeScalars.count < min {
            throw .constraint("Member must have length greater than or equal to \(min)", value: Self.quoted(text), at: name)
        }
        if let pattern, !pattern.matches(text) {
            throw .constraint(
                "Member must satisfy regular expression pattern: \(pattern.text)", value: Self.quoted(text), at: name)
        }
    }

    /// Longest part of a value that a message repeats.
    private static let maxQuotedCharacters = 256

    static func quoted(_ text: String) -> String {
        text.count > Self.maxQuotedCharacters ? "'\(text.prefix(Self.maxQuotedCharacters))...'" : "'\(text)'"
    }
}
