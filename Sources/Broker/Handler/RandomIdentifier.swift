/// Identifiers that cannot be guessed.
enum RandomIdentifier {
    /// 32 hexadecimal digits, 128 bits of the system's randomness.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return Self.hex(generator.next()) + Self.hex(generator.next())
    }

    private static func hex(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
