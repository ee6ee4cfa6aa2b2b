import Testing

@testable import Broker

@Suite struct WireReaderTests {
    @Test(
        arguments: [
            ([0x00], 0), ([0x7F], 127), ([0x80, 0x01], 128), ([0xFF, 0x7F], 16_383), ([0x80, 0x80, 0x01], 16_384),
            ([0xFF, 0xFF, 0xFF, 0x7F], 268_435_455),
        ] as [([UInt8], Int)])
    func variableByteIntegers(_ bytes: [UInt8], _ value: Int) throws {
        let read = try bytes.withUnsafeBytes { raw in
            var reader = WireReader(raw)
            return (try reader.variableByteInteger(), reader.remaining)
        }
        #expect(read == (value, 0))
        #expect(ByteBufferLength.of(value) == bytes.count)
    }

    /// MQTT 5.0 §1.5.5: four bytes at most, in the shortest form; and all of them.
    @Test(arguments: [[0x80], [0x80, 0x00], [0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x80, 0x80, 0x80, 0x80]] as [[UInt8]])
    func malformedVariableByteIntegers(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { raw in
            #expect(throws: WireError.self) {
                var reader = WireReader(raw)
                _ = try reader.variableByteInteger()
            }
        }
    }

    /// Fields that are longer than what is there never read past the end.
    @Test(arguments: [[], [0x00], [0x00, 0x05, 0x61], [0xFF, 0xFF]] as [[UInt8]])
    func truncatedStrings(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { raw in
            #expect(throws: WireError.self) {
                var reader = WireReader(raw)
                _ = try reader.text()
            }
        }
    }

    @Test(arguments: [
        ("plain", true), ("größe/ü", true), ("日本語", true), ("\u{10FFFF}", true), ("a\u{0}b", false),
    ])
    func texts(_ text: String, _ isValid: Bool) {
        var text = text
        text.withUTF8 { #expect(MQTTText.isValid(UnsafeRawBufferPointer($0)) == isValid) }
    }

    /// Overlong forms, surrogates, values past U+10FFFF, lone and missing continuation bytes ([MQTT-1.5.4-1]).
    @Test(
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0x80], [0xC3], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xFF],
        ] as [[UInt8]])
    func illFormedUTF8(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { #expect(!MQTTText.isValid($0)) }
    }

    /// What Foundation-free code calls well-formed is what the standard library calls so.
    @Test func utf8AgreesWithTheStandardLibrary() {
        var generator = SplitMix(seed: 7)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator) | (Bool.random(using: &generator) ? 0x80 : 0)
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil && !bytes.contains(0)
            #expect(bytes.withUnsafeBytes { MQTTText.isValid($0) } == expected, "\(bytes)")
        }
    }
}

/// Deterministic randomness, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
