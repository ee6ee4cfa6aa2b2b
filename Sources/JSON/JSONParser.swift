/// Reads one JSON text (RFC 8259) from contiguous bytes: one pass, by pointer, recursion bounded by `JSONLimits.maxDepth`.
///
/// Strict: no comments, no trailing commas, no byte order mark, no text behind the value.
struct JSONParser {
    struct Failure: Error {
        let reason: JSONParseError.Reason
        let offset: Int
    }

    let bytes: UnsafeRawBufferPointer
    let limits: JSONLimits
    var position = 0
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    static func parse(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) -> Result<JSONValue, JSONParseError> {
        guard bytes.count <= limits.maxBytes else {
            return .failure(JSONParseError(.tooManyBytes(limit: limits.maxBytes), offset: limits.maxBytes, in: bytes))
        }
        var parser = JSONParser(bytes, limits: limits)
        do throws(Failure) {
            let value = try parser.value()
            parser.skipSpace()
            if parser.position < bytes.count { throw parser.failure(.textAfterValue) }
            return .success(value)
        } catch {
            return .failure(JSONParseError(error.reason, offset: error.offset, in: bytes))
        }
    }

    func failure(_ reason: JSONParseError.Reason) -> Failure { Failure(reason: reason, offset: self.position) }

    /// What the byte here is not.
    private func unexpected(_ expected: String) -> Failure {
        guard self.position < self.bytes.count else { return self.failure(.unexpectedEnd) }
        return self.failure(.unexpectedByte(self.bytes[self.position], expected: expected))
    }

    @inline(__always)
    private mutating func skipSpace() {
        while self.position < self.bytes.count {
            switch self.bytes[self.position] {
            case 0x20, 0x0A, 0x0D, 0x09: self.position += 1
            default: return
            }
        }
    }

    /// The first byte that is not space, not consumed.
    @inline(__always)
    private mutating func peek(_ expected: String) throws(Failure) -> UInt8 {
        self.skipSpace()
        guard self.position < self.bytes.count else { throw self.unexpected(expected) }
        return self.bytes[self.position]
    }

    private mutating func value() throws(Failure) -> JSONValue {
        switch try self.peek("a value") {
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "{"): return .object(try self.object())
        case UInt8(ascii: "["): return .array(try self.array())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try self.number()
        case UInt8(ascii: "t"): return try self.literal("true", .bool(true))
        case UInt8(ascii: "f"): return try self.literal("false", .bool(false))
        case UInt8(ascii: "n"): return try self.literal("null", .null)
        default: throw self.unexpected("a value")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard self.position + index < self.bytes.count else {
                self.position = self.bytes.count
                throw self.failure(.unexpectedEnd)
            }
            if self.bytes[self.position + index] != word.utf8Start[index] { throw self.failure(.invalidLiteral) }
        }
        self.position += word.utf8CodeUnitCount
        return value
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = self.position
        var scanner = NumberScanner(self.bytes, at: start)
        let result = scanner.scan()
        self.position = scanner.position
        switch result {
        case .success(.int(let value)): return .int(value)
        case .success(.decimal(let value)): return .decimal(value)
        case .failure(.unexpectedEnd): throw self.failure(.unexpectedEnd)
        case .failure(.invalid): throw self.failure(.invalidNumber)
        case .failure(.outOfRange): throw Failure(reason: .numberOutOfRange, offset: start)
        }
    }

    private mutating func enter() throws(Failure) {
        if self.depth >= self.limits.maxDepth { throw self.failure(.tooDeep(limit: self.limits.maxDepth)) }
        self.depth += 1
        self.position += 1
    }

    private mutating func array() throws(Failure) -> [JSONValue] {
        try self.enter()
        defer { self.depth -= 1 }
        var values: [JSONValue] = []
        if try self.peek("a value or ']'") == UInt8(ascii: "]") {
            self.position += 1
            return values
        }
        while true {
            values.append(try self.value())
            switch try self.peek("',' or ']'") {
            case UInt8(ascii: ","): self.position += 1
            case UInt8(ascii: "]"):
                self.position += 1
                return values
            default: throw self.unexpected("',' or ']'")
            }
        }
    }

    private mutating func object() throws(Failure) -> JSONObject {
        try self.enter()
        defer { self.depth -= 1 }
        var object = JSONObject()
        if try self.peek("a key or '}'") == UInt8(ascii: "}") {
            self.position += 1
            return object
        }
        while true {
            try self.member(into: &object)
            switch try self.peek("',' or '}'") {
            case UInt8(ascii: ","): self.position += 1
            case UInt8(ascii: "}"):
                self.position += 1
                return object
            default: throw self.unexpected("',' or '}'")
            }
        }
    }

    private mutating func member(into object: inout JSONObject) throws(Failure) {
        guard try self.peek("a key") == UInt8(ascii: "\"") else { throw self.unexpected("a key in quotes") }
        let start = self.position
        let key = try self.string()
        guard try self.peek("':'") == UInt8(ascii: ":") else { throw self.unexpected("':'") }
        self.position += 1
        let isNew = object.insert(try self.value(), forKey: key)
        if !isNew && self.limits.duplicateKeys == .reject { throw Failure(reason: .duplicateKey(key), offset: start) }
        if object.count > self.limits.maxKeys { throw Failure(reason: .tooManyKeys(limit: self.limits.maxKeys), offset: start) }
    }
}
