/// A valid filter that is compared with one topic at a time (retained messages: ``RetainedTree``).
struct TopicFilter {
    let text: String
    let hasWildcard: Bool
    let levels: [[UInt8]]
    let multiLevelMatchesParent: Bool

    init(_ bytes: UnsafeRawBufferPointer, multiLevelMatchesParent: Bool) {
        self.text = String(decoding: bytes, as: UTF8.self)
        self.hasWildcard = bytes.contains(UInt8(ascii: "+")) || bytes.contains(UInt8(ascii: "#"))
        var levels: [[UInt8]] = []
        forEachLevel(bytes) { levels.append([UInt8]($0)) }
        self.levels = levels
        self.multiLevelMatchesParent = multiLevelMatchesParent
    }

    /// MQTT 5.0 §4.7.
    func matches(_ topic: UnsafeRawBufferPointer) -> Bool {
        if topic.first == UInt8(ascii: "$"), let first = self.levels.first, first == [0x2B] || first == [0x23] { return false }
        var i = 0
        var isMatching = true
        var tookAll = false
        forEachLevel(topic) { level in
            if tookAll || !isMatching { return }
            guard i < self.levels.count else {
                isMatching = false
                return
            }
            if self.levels[i] == [0x23] {
                tookAll = true
                return
            }
            if self.levels[i] != [0x2B] && !bytesEqual(self.levels[i], level) { isMatching = false }
            i += 1
        }
        if !isMatching { return false }
        if tookAll || i == self.levels.count { return true }
        return self.multiLevelMatchesParent && i == self.levels.count - 1 && self.levels[i] == [0x23]
    }
}
