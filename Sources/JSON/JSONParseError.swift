/// Why a text is not JSON that Roost reads, and where.
package struct JSONParseError: Error, Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case unexpectedEnd
        case unexpectedByte(UInt8, expected: String)
        case textAfterValue
        case invalidLiteral
        case invalidNumber
        /// The magnitude is not zero and outside 1e-6176 ..< 1e6145 (`JSONDecimal`).
        case numberOutOfRange
        case invalidUTF8
        case controlCharacterInString
        case invalidEscape
        case loneSurrogate
        case duplicateKey(String)
        case tooManyBytes(limit: Int)
        case tooDeep(limit: Int)
        case tooManyKeys(limit: Int)
    }

    package let reason: Reason
    /// Of the byte at fault, from the start of the text.
    package let offset: Int
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int

    init(_ reason: Reason, offset: Int, in text: UnsafeRawBufferPointer) {
        self.reason = reason
        self.offset = offset
        var line = 1
        var column = 1
        // A text that is too long is not looked at.
        if case .tooManyBytes = reason {
        } else {
            for byte in text[..<Swift.min(offset, text.count)] {
                if byte == UInt8(ascii: "\n") {
                    line += 1
                    column = 1
                } else if byte & 0xC0 != 0x80 {
                    column += 1
                }
            }
        }
        self.line = line
        self.column = column
    }
}

extension JSONParseError: CustomStringConvertible {
    package var description: String {
        if case .tooManyBytes = self.reason { return self.reason.description }
        return "\(self.reason) at line \(self.line), column \(self.column)"
    }
}

extension JSONParseError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unexpectedEnd: "the text ends inside a value"
        case .unexpectedByte(let byte, let expected): "unexpected \(Self.name(byte)), expected \(expected)"
        case .textAfterValue: "more text after the value"
        case .invalidLiteral: "neither true, false nor null"
        case .invalidNumber: "not a JSON number"
        case .numberOutOfRange: "a number whose exponent is out of range"
        case .invalidUTF8: "invalid UTF-8"
        case .controlCharacterInString: "a control character inside a string must be escaped"
        case .invalidEscape: "an unknown escape sequence"
        case .loneSurrogate: "an unpaired surrogate escape"
        case .duplicateKey(let key): "the key \"\(key.prefix(100))\" comes twice"
        case .tooManyBytes(let limit): "the text is longer than \(limit) bytes"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .tooManyKeys(let limit): "an object with more than \(limit) keys"
        }
    }

    private static func name(_ byte: UInt8) -> String {
        switch byte {
        case 0x21...0x7E: "'\(Character(Unicode.Scalar(byte)))'"
        case 0x20: "space"
        default: "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}
