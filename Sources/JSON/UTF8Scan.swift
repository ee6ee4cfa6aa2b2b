/// Finds where bytes stop being UTF-8; called only for the message, or when a string has both escapes and non-ASCII text.
enum UTF8Scan {
    /// Length of the longest prefix that is well-formed (Unicode §3.9, table 3-7).
    static func validPrefix(of bytes: UnsafeRawBufferPointer) -> Int {
        var position = 0
        while position < bytes.count {
            let length = self.sequenceLength(bytes, at: position)
            if length == 0 { return position }
            position += length
        }
        return position
    }

    /// 0 when the sequence that starts here is ill-formed.
    private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        let first = bytes[position]
        if first < 0x80 { return 1 }
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else { return 0 }
        for index in 2..<Swift.max(length, 2) where bytes[position + index] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
