/// Eight bytes of a string at a time.
enum StringWord {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let tops: UInt64 = 0x8080_8080_8080_8080

    /// A bit in `tops` is set if there is a quote, a backslash or a control character among the eight bytes: a byte equal to c shows as a
    /// zero byte of word ^ cccc…, and (x - 0x01…) & ~x & 0x80… has a bit set if there is a zero byte. A byte behind one that is special
    /// may show without being so.
    @inline(__always)
    static func specials(_ word: UInt64) -> UInt64 {
        let quote = word ^ (Self.ones &* 0x22)
        let escape = word ^ (Self.ones &* 0x5C)
        let control = (word &- (Self.ones &* 0x20)) & ~word
        return (((quote &- Self.ones) & ~quote) | ((escape &- Self.ones) & ~escape) | control) & Self.tops
    }

    /// The caller knows that there are eight bytes.
    @inline(__always)
    static func hasNoSpecial(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        let word = UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self)
        return Self.specials(word) == 0
    }
}
