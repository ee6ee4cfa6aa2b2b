/// The rules for strings, topic names and topic filters.
enum MQTTText {
    /// Well-formed UTF-8 without U+0000 and surrogates (MQTT 5.0 §1.5.4, [MQTT-1.5.4-1], [MQTT-1.5.4-2]).
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var i = 0
        let n = bytes.count
        while i < n {
            let b = bytes[i]
            if b < 0x80 {
                if b == 0 { return false }
                i += 1
                continue
            }
            let length = self.sequenceLength(bytes, at: i)
            if length == 0 { return false }
            i += length
        }
        return true
    }

    /// The length of the multi-byte sequence at `i`, 0 if it is ill-formed (Unicode 15 table 3-7).
    private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at i: Int) -> Int {
        let lead = bytes[i]
        let length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0
        guard length > 0, i + length <= bytes.count else { return 0 }
        let second = bytes[i + 1]
        let lowest: UInt8 = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80
        let highest: UInt8 = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF
        guard second >= lowest, second <= highest else { return 0 }
        for k in 2..<max(2, length) where bytes[i + k] & 0xC0 != 0x80 { return 0 }
        return length
    }

    /// A topic name may hold no wildcard and is at least one character long (MQTT 5.0 §4.7.1.1, §4.7.3).
    static func isValidTopicName(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.isEmpty { return false }
        for b in bytes where b == UInt8(ascii: "#") || b == UInt8(ascii: "+") { return false }
        return true
    }

    /// `+` and `#` stand alone in their level and `#` only in the last (MQTT 5.0 §4.7.1).
    static func isValidFilter(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.isEmpty { return false }
        let slash = UInt8(ascii: "/")
        for i in 0..<bytes.count {
            let b = bytes[i]
            guard b == UInt8(ascii: "#") || b == UInt8(ascii: "+") else { continue }
            if i > 0 && bytes[i - 1] != slash { return false }
            if i + 1 < bytes.count && (b == UInt8(ascii: "#") || bytes[i + 1] != slash) { return false }
        }
        return true
    }

    /// Number of levels: slashes plus one.
    static func levels(_ bytes: UnsafeRawBufferPointer) -> Int {
        var n = 1
        for b in bytes where b == UInt8(ascii: "/") { n += 1 }
        return n
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes begin with the text.
    func hasPrefix(_ prefix: StaticString) -> Bool {
        guard self.count >= prefix.utf8CodeUnitCount else { return false }
        for i in 0..<prefix.utf8CodeUnitCount where self[i] != prefix.utf8Start[i] { return false }
        return true
    }
}
