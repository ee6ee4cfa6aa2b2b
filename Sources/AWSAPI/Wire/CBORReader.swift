internal import Foundation
internal import JSON

/// Reads CBOR (RFC 8949) as far as AWS's RPC v2 protocol uses it, as the JSON value that it stands for: byte strings are base64, times
/// (tag 1) their seconds.
struct CBORReader {
    /// Items inside one another.
    static let maxDepth = 32

    struct Malformed: Error {}

    private let bytes: [UInt8]
    private var place = 0

    /// - Throws: ``Malformed``.
    static func value(of bytes: [UInt8]) throws(Malformed) -> JSONValue {
        var reader = CBORReader(bytes: bytes)
        let value = try reader.item(depth: 0)
        guard reader.place == bytes.count else { throw Malformed() }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    // MARK: Items

    private mutating func item(depth: Int) throws(Malformed) -> JSONValue {
        guard depth < Self.maxDepth else { throw Malformed() }
        let head = try self.byte()
        let info = head & 0x1F
        switch head >> 5 {
        case 0:
            return Self.integer(try self.argument(info), isNegative: false)
        case 1:
            return Self.integer(try self.argument(info), isNegative: true)
        case 2:
            return .string(Data(try self.string(info, major: 2)).base64EncodedString())
        case 3:
            return .string(try Self.text(try self.string(info, major: 3)))
        case 4:
            return .array(try self.array(info, depth))
        case 5:
            return .object(try self.map(info, depth))
        case 6:
            _ = try self.argument(info)
            return try self.item(depth: depth + 1)
        default:
            return try self.simple(info)
        }
    }

    private static func integer(_ argument: UInt64, isNegative: Bool) -> JSONValue {
        guard let value = Int64(exactly: argument) else {
            let magnitude = Double(argument)
            return JSONValue(isNegative ? -1 - magnitude : magnitude)
        }
        return .int(isNegative ? -1 - value : value)
    }

    private static func text(_ bytes: [UInt8]) throws(Malformed) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
        return text
    }

    /// Information 31 says that chunks follow, until a break.
    private mutating func string(_ info: UInt8, major: UInt8) throws(Malformed) -> [UInt8] {
        guard info == 31 else { return try self.take(try self.argument(info)) }
        var all: [UInt8] = []
        while try !self.takeBreak() {
            let head = try self.byte()
            guard head >> 5 == major, head & 0x1F != 31 else { throw Malformed() }
            all += try self.take(try self.argument(head & 0x1F))
        }
        return all
    }

    private mutating func array(_ info: UInt8, _ depth: Int) throws(Malformed) -> [JSONValue] {
        var items: [JSONValue] = []
        if info == 31 {
            while try !self.takeBreak() { items.append(try self.item(depth: depth + 1)) }
        } else {
            // Nothing is reserved: a count that is larger than the input ends with the input.
            var left = try self.argument(info)
            while left > 0 {
                items.append(try self.item(depth: depth + 1))
                left -= 1
            }
        }
        return items
    }

    private mutating func map(_ info: UInt8, _ depth: Int) throws(Malformed) -> JSONObject {
        var object: JSONObject = [:]
        var left = info == 31 ? UInt64.max : try self.argument(info)
        while left > 0 {
            if info == 31, try self.takeBreak() { break }
            guard case .string(let key) = try self.item(depth: depth + 1) else { throw Malformed() }
            object[key] = try self.item(depth: depth + 1)
            left -= 1
        }
        return object
    }

    private mutating func simple(_ info: UInt8) throws(Malformed) -> JSONValue {
        switch info {
        case 20: return false
        case 21: return true
        case 22, 23: return .null
        case 25: return JSONValue(Self.half(UInt16(try self.number(bytes: 2))))
        case 26: return JSONValue(Double(Float(bitPattern: UInt32(try self.number(bytes: 4)))))
        case 27: return JSONValue(Double(bitPattern: try self.number(bytes: 8)))
        default: throw Malformed()
        }
    }

    /// IEEE 754 binary16 (RFC 8949, appendix D).
    private static func half(_ bits: UInt16) -> Double {
        let exponent = Int(bits >> 10) & 0x1F
        let mantissa = Double(bits & 0x3FF)
        let magnitude: Double =
            switch exponent {
            case 0: mantissa * 0x1p-24
            case 31: mantissa == 0 ? .infinity : .nan
            default: (1 + mantissa / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
            }
        return bits >> 15 == 0 ? magnitude : -magnitude
    }

    // MARK: Bytes

    private mutating func byte() throws(Malformed) -> UInt8 {
        guard self.place < self.bytes.count else { throw Malformed() }
        defer { self.place += 1 }
        return self.bytes[self.place]
    }

    private mutating func take(_ count: UInt64) throws(Malformed) -> [UInt8] {
        guard count <= UInt64(self.bytes.count - self.place) else { throw Malformed() }
        defer { self.place += Int(count) }
        return Array(self.bytes[self.place..<self.place + Int(count)])
    }

    private mutating func takeBreak() throws(Malformed) -> Bool {
        guard self.place < self.bytes.count else { throw Malformed() }
        guard self.bytes[self.place] == 0xFF else { return false }
        self.place += 1
        return true
    }

    private mutating func argument(_ info: UInt8) throws(Malformed) -> UInt64 {
        switch info {
        case ..<24: return UInt64(info)
        case 24...27: return try self.number(bytes: 1 << Int(info - 24))
        default: throw Malformed()
        }
    }

    private mutating func number(bytes count: Int) throws(Malformed) -> UInt64 {
        var number: UInt64 = 0
        for _ in 0..<count { number = number << 8 | UInt64(try self.byte()) }
        return number
    }
}
