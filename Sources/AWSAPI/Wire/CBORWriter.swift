internal import JSON

/// Writes a JSON value as CBOR (RFC 8949), as AWS's RPC v2 protocol has it.
struct CBORWriter {
    private(set) var bytes: [UInt8] = []
    /// Members that are times: tag 1.
    private let timestamps: Set<String>

    /// - Parameter timestamps: names of members whose numbers, or lists of numbers, are seconds since 1970.
    static func bytes(of object: JSONObject, timestamps: Set<String> = []) -> [UInt8] {
        var writer = CBORWriter(timestamps: timestamps)
        writer.write(.object(object), isTime: false)
        return writer.bytes
    }

    private init(timestamps: Set<String>) { self.timestamps = timestamps }

    /// Nesting is that of answers, which this server makes.
    private mutating func write(_ value: JSONValue, isTime: Bool) {
        switch value {
        case .null: self.bytes.append(0xF6)
        case .bool(let value): self.bytes.append(value ? 0xF5 : 0xF4)
        case .int(let value):
            if isTime { self.head(6, 1) }
            value < 0 ? self.head(1, UInt64(-1 - value)) : self.head(0, UInt64(value))
        case .decimal(let value):
            if isTime { self.head(6, 1) }
            self.bytes.append(0xFB)
            self.append(value.doubleValue.bitPattern, bytes: 8)
        case .string(let text):
            self.head(3, UInt64(text.utf8.count))
            self.bytes += text.utf8
        case .array(let items):
            self.head(4, UInt64(items.count))
            for item in items { self.write(item, isTime: isTime) }
        case .object(let object):
            self.head(5, UInt64(object.count))
            for (key, member) in object {
                self.write(.string(key), isTime: false)
                self.write(member, isTime: self.timestamps.contains(key))
            }
        }
    }

    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        switch argument {
        case ..<24: self.bytes.append(major << 5 | UInt8(argument))
        case ...0xFF: self.append(major, 24, argument, bytes: 1)
        case ...0xFFFF: self.append(major, 25, argument, bytes: 2)
        case ...0xFFFF_FFFF: self.append(major, 26, argument, bytes: 4)
        default: self.append(major, 27, argument, bytes: 8)
        }
    }

    private mutating func append(_ major: UInt8, _ info: UInt8, _ argument: UInt64, bytes count: Int) {
        self.bytes.append(major << 5 | info)
        self.append(argument, bytes: count)
    }

    private mutating func append(_ number: UInt64, bytes count: Int) {
        for i in (0..<count).reversed() { self.bytes.append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(i)))) }
    }
}
