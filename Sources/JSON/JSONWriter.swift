/// Appends the text of values to a byte array. Strings are escaped only where RFC 8259 §7 demands it.
struct JSONWriter {
    /// Spaces per level; nil writes everything on one line without spaces.
    let indentation: Int?

    func write(_ value: JSONValue, into output: inout [UInt8], level: Int = 0) {
        switch value {
        case .null: Self.append("null", to: &output)
        case .bool(true): Self.append("true", to: &output)
        case .bool(false): Self.append("false", to: &output)
        case .int(let value): Self.writeInt(value, into: &output)
        case .decimal(let value): Self.writeDecimal(value, into: &output)
        case .string(let value): Self.writeString(value, into: &output)
        case .array(let values): self.writeArray(values, into: &output, level: level)
        case .object(let object): self.writeObject(object, into: &output, level: level)
        }
    }

    private func writeArray(_ values: [JSONValue], into output: inout [UInt8], level: Int) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for value in values {
            self.separate(&isFirst, level: level + 1, in: &output)
            self.write(value, into: &output, level: level + 1)
        }
        if !isFirst { self.breakLine(level: level, in: &output) }
        output.append(UInt8(ascii: "]"))
    }

    private func writeObject(_ object: JSONObject, into output: inout [UInt8], level: Int) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in object {
            self.separate(&isFirst, level: level + 1, in: &output)
            Self.writeString(key, into: &output)
            output.append(UInt8(ascii: ":"))
            if self.indentation != nil { output.append(UInt8(ascii: " ")) }
            self.write(value, into: &output, level: level + 1)
        }
        if !isFirst { self.breakLine(level: level, in: &output) }
        output.append(UInt8(ascii: "}"))
    }

    @inline(__always)
    private func separate(_ isFirst: inout Bool, level: Int, in output: inout [UInt8]) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        self.breakLine(level: level, in: &output)
    }

    private func breakLine(level: Int, in output: inout [UInt8]) {
        guard let indentation = self.indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation * level))
    }

    private static func append(_ word: StaticString, to output: inout [UInt8]) {
        output.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    static func writeInt(_ value: Int64, into output: inout [UInt8]) {
        if value < 0 { output.append(UInt8(ascii: "-")) }
        // 20 digits is the longest UInt64.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            var rest = value.magnitude
            var start = buffer.count
            repeat {
                start -= 1
                buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest != 0
            output.append(contentsOf: buffer[start...])
        }
    }

    /// A decimal that would read back as an `int` gets ".0", so that it keeps its kind.
    private static func writeDecimal(_ value: JSONDecimal, into output: inout [UInt8]) {
        value.write(into: &output)
        if value.exponent == 0 && value.int64 != nil { Self.append(".0", to: &output) }
    }

    static func writeString(_ value: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { bytes in
            var runStart = 0
            for index in bytes.indices {
                let byte = bytes[index]
                if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { continue }
                output.append(contentsOf: bytes[runStart..<index])
                Self.writeEscape(byte, into: &output)
                runStart = index + 1
            }
            output.append(contentsOf: bytes[runStart...])
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func writeEscape(_ byte: UInt8, into output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): self.append("\\\"", to: &output)
        case UInt8(ascii: "\\"): self.append("\\\\", to: &output)
        case 0x08: self.append("\\b", to: &output)
        case 0x0C: self.append("\\f", to: &output)
        case 0x0A: self.append("\\n", to: &output)
        case 0x0D: self.append("\\r", to: &output)
        case 0x09: self.append("\\t", to: &output)
        default:
            self.append(byte < 0x10 ? "\\u000" : "\\u001", to: &output)
            let digit = byte & 0x0F
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension JSONValue {
    /// One line, no spaces.
    package func serialized() -> String { String(decoding: self.serializedBytes(), as: UTF8.self) }

    /// One line, no spaces, UTF-8.
    package func serializedBytes() -> [UInt8] {
        var output: [UInt8] = []
        self.write(into: &output)
        return output
    }

    /// Appends one line, no spaces, UTF-8.
    package func write(into output: inout [UInt8]) { JSONWriter(indentation: nil).write(self, into: &output) }

    /// Two spaces per level, one member a line, for people.
    package func prettyPrinted() -> String {
        var output: [UInt8] = []
        JSONWriter(indentation: 2).write(self, into: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
