import JSON
import Testing

/// Random values and random damage; the seed is in the name of a failing case.
@Suite struct PropertyTests {
    @Test(arguments: 0..<200 as Range<UInt64>) func whatIsWrittenReadsBackEqual(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let value = random.value(depth: 5)
        let text = value.serialized()
        let back = try JSONValue(parsing: text)
        #expect(back == value)
        #expect(back.hashValue == value.hashValue)
        #expect(back.serialized() == text)
        #expect(try JSONValue(parsing: value.prettyPrinted()) == value)
    }

    /// A text with changed, lost or doubled bytes is read or refused; what is read can be written and read again.
    @Test(arguments: 0..<200 as Range<UInt64>) func damagedTextIsReadOrRefused(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let text = random.value(depth: 4).serializedBytes()
        for _ in 0..<20 {
            var damaged = text
            for _ in 0...random.below(3) where !damaged.isEmpty {
                let place = random.below(damaged.count)
                switch random.below(4) {
                case 0: damaged[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: damaged.remove(at: place)
                case 2: damaged.insert(damaged[random.below(damaged.count)], at: place)
                default: damaged.removeSubrange(place...)
                }
            }
            do {
                let value = try JSONValue(parsing: damaged)
                #expect(try JSONValue(parsing: value.serialized()) == value)
            } catch {
                #expect(error.offset <= damaged.count)
                #expect(error.line >= 1 && error.column >= 1)
            }
        }
    }

    /// Numbers as `Double` reads them: the nearest double of the decimal is the double of the text.
    @Test(arguments: 0..<20 as Range<UInt64>) func numbersMeanWhatTheirTextMeans(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<200 {
            let text = random.numberText()
            let value = try JSONValue(parsing: text)
            #expect(value.doubleValue == Double(text), "\(text)")
            #expect(try JSONValue(parsing: value.serialized()) == value, "\(text)")
        }
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }

    mutating func value(depth: Int) -> JSONValue {
        switch self.below(depth > 0 ? 9 : 6) {
        case 0: return .null
        case 1: return .bool(self.below(2) == 0)
        case 2: return .int(Int64(bitPattern: self.next()) >> Int64(self.below(64)))
        case 3, 4: return JSONDecimal(self.numberText()).map { .decimal($0) } ?? .null
        case 5: return .string(self.string())
        case 6: return .array((0..<self.below(5)).map { _ in self.value(depth: depth - 1) })
        default: return .object(JSONObject((0..<self.below(25)).map { _ in (self.string(), self.value(depth: depth - 2)) }))
        }
    }

    mutating func string() -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "\"", "\\", "\n", "\u{0}", "\u{1F}", "/", "é", "\u{301}", "€", "😀", "\u{10FFFF}", "\u{7F}", " ",
        ]
        var text = ""
        for _ in 0..<self.below(20) { text.unicodeScalars.append(scalars[self.below(scalars.count)]) }
        return text
    }

    private mutating func digits(_ count: Int) -> String { (0..<count).map { _ in String(self.below(10)) }.joined() }

    mutating func numberText() -> String {
        let whole = self.digits(1 + self.below(20))
        var text = self.below(2) == 0 ? "-" : ""
        text += whole.count > 1 && whole.first == "0" ? "1" + whole : whole
        if self.below(2) == 0 { text += "." + self.digits(1 + self.below(10)) }
        if self.below(3) == 0 { text += ["e", "E-", "e+"][self.below(3)] + self.digits(2) }
        return text
    }
}
