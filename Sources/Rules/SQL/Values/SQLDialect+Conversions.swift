import JSON

/// Conversions that operators and functions make on their own (AWS IoT SQL reference, "Conversions").
extension SQLDialect {
    /// To a number: numbers stay, a string of the form `-?\d+(\.\d+)?((?i)E-?\d+)?` is a Decimal, all else is none.
    func number(_ value: SQLValue) -> SQLNumber? {
        switch value {
        case .int(let int): return .int(int)
        case .decimal(let decimal): return .decimal(decimal)
        case .string(let text):
            switch self.decimal(DecimalText.parse(text)) {
            case .int(let int): return .int(int)
            case .decimal(let decimal): return .decimal(decimal)
            default: return nil
            }
        case .undefined, .null, .bool, .array, .object: return nil
        }
    }

    /// To an Int: a Decimal is floored (or rounded, by option), a string is read and truncated.
    func integer(_ value: SQLValue) -> JSONDecimal? {
        switch value {
        case .int(let int): return JSONDecimal(int)
        case .decimal(let decimal):
            return decimal.rounded(self.options.decimalToInt == .floor ? .floor : .halfAwayFromZero)
        case .string(let text): return DecimalText.parse(text)?.rounded(.towardZero)
        case .undefined, .null, .bool, .array, .object: return nil
        }
    }

    /// To an index or a count: an Int, cut to what `Int` holds.
    func index(_ value: SQLValue) -> Int? {
        if case .int(let int) = value { return Int(int) }
        guard let integer = self.integer(value) else { return nil }
        return integer.int64.map { Int($0) } ?? (integer.isNegative ? .min : .max)
    }

    func boolean(_ value: SQLValue) -> Bool? {
        switch value {
        case .bool(let bool): bool
        case .string(let text): Self.boolean(text)
        case .undefined, .null, .int, .decimal, .array, .object: nil
        }
    }

    static func boolean(_ text: String) -> Bool? {
        switch text.utf8.count {
        case 4: text.lowercased() == "true" ? true : nil
        case 5: text.lowercased() == "false" ? false : nil
        default: nil
        }
    }

    /// To a string: numbers in digits, arrays and objects as compact JSON text; none for Null and Undefined.
    func string(_ value: SQLValue) -> String? {
        switch value {
        case .string(let text): text
        case .bool(let bool): bool ? "true" : "false"
        case .int(let int): String(int)
        case .decimal(let decimal): decimal.description
        case .array(let values): JSONValue.array(values).serialized()
        case .object(let object): JSONValue.object(object).serialized()
        case .undefined, .null: nil
        }
    }
}

extension JSONDecimal {
    func rounded(_ rounding: DecimalRounding) -> JSONDecimal { self.rounded(toPlaces: 0, rounding) }
}

/// The texts that are numbers: no plus sign, no point without digits on both sides, no space around.
enum DecimalText {
    /// The largest Decimal takes 1,000 digits, bytes.
    private static let maxLength = 1100

    static func parse(_ text: String) -> JSONDecimal? {
        guard text.utf8.count <= self.maxLength, self.isWellFormed(text.utf8) else { return nil }
        // JSON has no zeros in front, this form does.
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let digits = text.utf8.dropFirst(isNegative ? 1 : 0)
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }
        var rest = digits.dropFirst(zeros.count)
        if let first = rest.first, self.isDigit(first) {
        } else if !zeros.isEmpty {
            rest = digits.dropFirst(zeros.count - 1)
        }
        guard let magnitude = JSONDecimal(String(decoding: rest, as: UTF8.self)) else { return nil }
        return isNegative ? -magnitude : magnitude
    }

    private static func isWellFormed(_ text: String.UTF8View) -> Bool {
        var rest = text[...]
        func skip(_ byte: UInt8) -> Bool {
            guard let first = rest.first, first == byte || first == byte | 0x20 else { return false }
            rest = rest.dropFirst()
            return true
        }
        func skipDigits() -> Bool {
            let after = rest.drop(while: self.isDigit)
            defer { rest = after }
            return after.startIndex != rest.startIndex
        }
        _ = skip(UInt8(ascii: "-"))
        guard skipDigits() else { return false }
        if skip(UInt8(ascii: ".")), !skipDigits() { return false }
        if skip(UInt8(ascii: "E")) {
            _ = skip(UInt8(ascii: "-"))
            guard skipDigits() else { return false }
        }
        return rest.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
