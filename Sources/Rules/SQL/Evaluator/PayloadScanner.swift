import JSON

/// Takes a few members out of a JSON object without building the rest.
///
/// What it skips it checks as strictly as the parser does, and gives up where that would take more than a glance (an unusual escape, deep
/// nesting, an error): then the whole text is parsed, and the parser says what is wrong. For a 300-byte message of which two members
/// are read, this takes a third of the time of parsing it.
struct PayloadScanner {
    /// More members than these are found faster by parsing everything.
    static let mostMembers = 16
    /// Levels below the top that are skipped; a bit each says whether it is an object.
    private static let deepest = 60
    /// An object with more members may be past the parser's limit.
    private static let mostKeys = 10_000

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var isASCII = true

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The values of the members in their order, Undefined for those that are not there; nil when the text has to be parsed.
    static func values(of members: [[UInt8]], in bytes: UnsafeRawBufferPointer, _ dialect: SQLDialect) -> [SQLValue]? {
        var scanner = PayloadScanner(bytes)
        var values = [SQLValue](repeating: .undefined, count: members.count)
        guard scanner.scan(members, into: &values, dialect) else { return nil }
        // What was skipped must be UTF-8, too.
        if !scanner.isASCII && String(validating: bytes, as: UTF8.self) == nil { return nil }
        return values
    }

    private mutating func scan(_ members: [[UInt8]], into values: inout [SQLValue], _ dialect: SQLDialect) -> Bool {
        guard self.skip(UInt8(ascii: "{")) else { return false }
        var keys = 0
        if self.next == UInt8(ascii: "}") {
            self.position += 1
        } else {
            repeat {
                keys += 1
                guard keys < Self.mostKeys, let key = self.string(), self.skip(UInt8(ascii: ":")) else { return false }
                self.skipSpace()
                let start = self.position
                guard self.skipValue() else { return false }
                guard let slot = members.firstIndex(where: { self.isSame(key, $0) }) else { continue }
                let text = UnsafeRawBufferPointer(rebasing: self.bytes[start..<self.position])
                guard let json = try? JSONValue(parsing: text) else { return false }
                // The last of members with the same name wins, as in the parser.
                values[slot] = SQLValue(dialect.canonical(json))
            } while self.skip(UInt8(ascii: ","))
            guard self.skip(UInt8(ascii: "}")) else { return false }
        }
        self.skipSpace()
        return self.position == self.bytes.count
    }

    /// A key with an escape is the same as none, because `string` gives up at it.
    private func isSame(_ key: Range<Int>, _ name: [UInt8]) -> Bool {
        guard key.count == name.count else { return false }
        for index in name.indices where name[index] != self.bytes[key.lowerBound + index] { return false }
        return true
    }

    // MARK: bytes

    private var next: UInt8? {
        @inline(__always) mutating get {
            self.skipSpace()
            return self.position < self.bytes.count ? self.bytes[self.position] : nil
        }
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

    @inline(__always)
    private mutating func skip(_ character: UInt8) -> Bool {
        guard self.next == character else { return false }
        self.position += 1
        return true
    }

    // MARK: values

    /// A string without escapes, and what is in it.
    private mutating func string() -> Range<Int>? {
        guard self.skip(UInt8(ascii: "\"")) else { return nil }
        let start = self.position
        guard self.skipPlain(), self.bytes[self.position] == UInt8(ascii: "\"") else { return nil }
        defer { self.position += 1 }
        return start..<self.position
    }

    /// To the next quote or backslash; false when there is none or a control character comes first. Eight bytes at a time, as in
    /// `JSONParser`: in a word, a byte equal to c is a zero byte of word ^ cccc….
    private mutating func skipPlain() -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        while self.position + 8 <= self.bytes.count {
            let word = UInt64(littleEndian: self.bytes.loadUnaligned(fromByteOffset: self.position, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let escape = word ^ (ones &* 0x5C)
            let special = ((quote &- ones) & ~quote) | ((escape &- ones) & ~escape) | ((word &- (ones &* 0x20)) & ~word)
            if special & tops != 0 {
                // A carry can only mark bytes above one that is marked rightly, so the lowest is right.
                let length = (special & tops).trailingZeroBitCount / 8
                if word & tops & (1 << UInt64(length * 8) - 1) != 0 { self.isASCII = false }
                self.position += length
                return self.bytes[self.position] >= 0x20
            }
            if word & tops != 0 { self.isASCII = false }
            self.position += 8
        }
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return true }
            if byte < 0x20 { return false }
            if byte >= 0x80 { self.isASCII = false }
            self.position += 1
        }
        return false
    }

    /// Behind the opening quote, to behind the closing one.
    private mutating func skipString() -> Bool {
        while self.skipPlain() {
            if self.bytes[self.position] == UInt8(ascii: "\"") {
                self.position += 1
                return true
            }
            guard self.position + 1 < self.bytes.count else { return false }
            switch self.bytes[self.position + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"),
                UInt8(ascii: "b"), UInt8(ascii: "f"):
                self.position += 2
            // The parser knows about surrogates.
            default: return false
            }
        }
        return false
    }

    /// Any value, without recursion: `kinds` has a bit per open level, 1 for an object.
    private mutating func skipValue() -> Bool {
        var kinds: UInt64 = 0
        var depth = 0
        while true {
            guard let byte = self.next else { return false }
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                let isObject = byte == UInt8(ascii: "{")
                self.position += 1
                guard depth < Self.deepest else { return false }
                if self.next == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    self.position += 1
                } else {
                    depth += 1
                    kinds = kinds << 1 | (isObject ? 1 : 0)
                    if isObject && !self.skipKey() { return false }
                    continue
                }
            } else if !self.skipScalar(byte) {
                return false
            }
            // Behind a value: the next one of the same level, or the ends of levels.
            while depth > 0, self.skip(kinds & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                depth -= 1
                kinds >>= 1
            }
            if depth == 0 { return true }
            guard self.skip(UInt8(ascii: ",")) else { return false }
            if kinds & 1 == 1 && !self.skipKey() { return false }
        }
    }

    private mutating func skipKey() -> Bool { self.skip(UInt8(ascii: "\"")) && self.skipString() && self.skip(UInt8(ascii: ":")) }

    private mutating func skipScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""):
            self.position += 1
            return self.skipString()
        case UInt8(ascii: "t"): return self.skipWord("true")
        case UInt8(ascii: "f"): return self.skipWord("false")
        case UInt8(ascii: "n"): return self.skipWord("null")
        default: return self.skipNumber()
        }
    }

    private mutating func skipWord(_ word: StaticString) -> Bool {
        guard self.position + word.utf8CodeUnitCount <= self.bytes.count else { return false }
        for index in 0..<word.utf8CodeUnitCount where self.bytes[self.position + index] != word.utf8Start[index] { return false }
        self.position += word.utf8CodeUnitCount
        return true
    }

    /// Without an exponent, which may be out of range.
    private mutating func skipNumber() -> Bool {
        if self.bytes[self.position] == UInt8(ascii: "-") { self.position += 1 }
        let start = self.position
        let digits = self.skipDigits()
        guard digits > 0, digits == 1 || self.bytes[start] != UInt8(ascii: "0") else { return false }
        guard self.position < self.bytes.count else { return true }
        if self.bytes[self.position] == UInt8(ascii: ".") {
            self.position += 1
            guard self.skipDigits() > 0 else { return false }
        }
        return self.position == self.bytes.count || self.bytes[self.position] | 0x20 != UInt8(ascii: "e")
    }

    private mutating func skipDigits() -> Int {
        let start = self.position
        while self.position < self.bytes.count, self.bytes[self.position] &- UInt8(ascii: "0") < 10 { self.position += 1 }
        return self.position - start
    }
}
