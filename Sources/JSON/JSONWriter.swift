/// Writes the text of values. Strings are escaped only where RFC 8259 §7 demands it.
struct JSONWriter {
    /// Spaces per level; nil writes everything on one line without spaces.
    let indentation: Int?

    func write(_ value: JSONValue, into output: inout JSONOutput, level: Int = 0) {
        switch value {
        case .null: output.append("null")
        case .bool(true): output.append("true")
        case .bool(false): output.append("false")
        case .int(let value): Self.writeInt(value, into: &output)
        case .decimal(let value): Self.writeDecimal(value, into: &output)
        case .string(let value): Self.writeString(value, into: &output)
        case .array(let values): self.writeArray(values, into: &output, level: level)
        case .object(let object): self.writeObject(object, into: &output, level: level)
        }
    }

    private func writeArray(_ values: [JSONValue], into output: inout JSONOutput, level: Int) {
        output.append(UInt8(ascii: "["))
        values.withUnsafeBufferPointer { values in
            for index in values.indices {
                self.separate(isFirst: index == 0, level: level + 1, in: &output)
                self.write(values[index], into: &output, level: level + 1)
            }
        }
        if !values.isEmpty { self.breakLine(level: level, in: &output) }
        output.append(UInt8(ascii: "]"))
    }

    private func writeObject(_ object: JSONObject, into output: inout JSONOutput, level: Int) {
        output.append(UInt8(ascii: "{"))
        object.withMembers { members in
            for index in members.indices {
                self.separate(isFirst: index == 0, level: level + 1, in: &output)
                Self.writeString(members[index].key, into: &output)
                output.append(UInt8(ascii: ":"))
                if self.indentation != nil { output.append(UInt8(ascii: " ")) }
                self.write(members[index].value, into: &output, level: level + 1)
            }
        }
        if !object.isEmpty { self.breakLine(level: level, in: &output) }
        output.append(UInt8(ascii: "}"))
    }

    @inline(__always)
    private func separate(isFirst: Bool, level: Int, in output: inout JSONOutput) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        self.breakLine(level: level, in: &output)
    }

    @inline(__always)
    private func breakLine(level: Int, in output: inout JSONOutput) {
        guard let indentation = self.indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(UInt8(ascii: " "), count: indentation * level)
    }

    static func writeInt(_ value: Int64, into output: inout JSONOutput) {
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
            output.append(UnsafeBufferPointer(rebasing: buffer[start...]))
        }
    }

    /// A decimal that would read back as an `int` gets ".0", so that it keeps its kind.
    private static func writeDecimal(_ value: JSONDecimal, into output: inout JSONOutput) {
        value.write(into: &output)
        if value.exponent == 0 && value.int64 != nil { output.append(".0") }
    }

    static func writeString(_ value: String, into output: inout JSONOutput) {
        let isWritten: Void? = value.utf8.withContiguousStorageIfAvailable { Self.writeString($0, into: &output) }
        if isWritten != nil { return }
        // Only a string bridged from another runtime has no contiguous storage.
        var value = value
        value.withUTF8 { Self.writeString($0, into: &output) }
    }

    private static func writeString(_ bytes: UnsafeBufferPointer<UInt8>, into output: inout JSONOutput) {
        output.reserve(bytes.count + 2)
        output.append(UInt8(ascii: "\""))
        var runStart = 0
        var index = 0
        while index < bytes.count {
            if bytes.count - index >= 8, StringWord.hasNoSpecial(bytes, at: index) {
                index += 8
                continue
            }
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                output.append(UnsafeBufferPointer(rebasing: bytes[runStart..<index]))
                Self.writeEscape(byte, into: &output)
                runStart = index + 1
            }
            index += 1
        }
        output.append(UnsafeBufferPointer(rebasing: bytes[runStart...]))
        output.append(UInt8(ascii: "\""))
    }

    private static func writeEscape(_ byte: UInt8, into output: inout JSONOutput) {
        switch byte {
        case UInt8(ascii: "\""): output.append("\\\"")
        case UInt8(ascii: "\\"): output.append("\\\\")
        case 0x08: output.append("\\b")
        case 0x0C: output.append("\\f")
        case 0x0A: output.append("\\n")
        case 0x0D: output.append("\\r")
        case 0x09: output.append("\\t")
        default:
            output.append(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 0x0F
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension JSONValue {
    /// One line, no spaces.
    package func serialized() -> String {
        self.withText(indentation: nil) { String(decoding: $0, as: UTF8.self) }
    }

    /// One line, no spaces, UTF-8.
    package func serializedBytes() -> [UInt8] {
        self.withText(indentation: nil) { [UInt8]($0) }
    }

    /// Appends one line, no spaces, UTF-8.
    package func write(into output: inout [UInt8]) {
        self.withText(indentation: nil) { output.append(contentsOf: $0) }
    }

    /// Two spaces per level, one member a line, for people.
    package func prettyPrinted() -> String {
        self.withText(indentation: 2) { String(decoding: $0, as: UTF8.self) }
    }

    private func withText<T>(indentation: Int?, _ body: (UnsafeBufferPointer<UInt8>) -> T) -> T {
        var output = JSONOutput()
        JSONWriter(indentation: indentation).write(self, into: &output)
        return output.withWritten(body)
    }
}
