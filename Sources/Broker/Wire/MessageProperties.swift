/// The properties that a message carries from its publisher to its receivers (MQTT 5.0 §3.3.2.3), in the order in which Roost writes them.
package struct MessageProperties: Sendable {
    private enum Identifier {
        static let payloadFormatIndicator: UInt8 = 0x01
        static let contentType: UInt8 = 0x03
        static let responseTopic: UInt8 = 0x08
        static let correlationData: UInt8 = 0x09
        static let userProperty: UInt8 = 0x26
    }

    package var isUTF8Payload = false
    package var contentType: String?
    package var responseTopic: String?
    package var correlationData: [UInt8]?
    package var userProperties: [(name: String, value: String)] = []

    package init() {}

    /// What is wrong with them under a profile; nil when nothing is.
    package func problem(under profile: Profile) -> String? {
        let total = self.userProperties.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        let longest = self.userProperties.map { max($0.name.utf8.count, $0.value.utf8.count) }.max() ?? 0
        let sizes: [(name: String, bytes: Int, limit: Int)] = [
            ("contentType", self.contentType?.utf8.count ?? 0, profile.maxContentTypeBytes),
            ("responseTopic", self.responseTopic?.utf8.count ?? 0, profile.maxResponseTopicBytes),
            ("correlationData", self.correlationData?.count ?? 0, profile.maxCorrelationBytes),
            ("userProperties", total, profile.maxUserPropertyBytes), ("userProperties", longest, Int(UInt16.max)),
        ]
        if let large = sizes.first(where: { $0.bytes > $0.limit }) {
            return "\(large.name) is \(large.bytes) bytes long; at most \(large.limit) are allowed."
        }
        // [MQTT-3.3.2-14] A response topic holds no wildcards.
        if let topic = self.responseTopic, topic.isEmpty || topic.utf8.contains(where: { $0 == 0x2B || $0 == 0x23 }) {
            return "The response topic must be a topic name without wildcards."
        }
        let texts = [self.contentType, self.responseTopic].compactMap { $0 } + self.userProperties.flatMap { [$0.name, $0.value] }
        if texts.contains(where: { $0.utf8.contains(0) }) { return "A property holds the character U+0000, which MQTT does not allow." }
        return nil
    }

    /// MQTT 5.0 §2.2.2, without the length in front. The lengths fit 16 bits: ``problem(under:)`` comes first.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        if self.isUTF8Payload { bytes += [Identifier.payloadFormatIndicator, 1] }
        if let text = self.contentType { Self.append(Identifier.contentType, text.utf8, to: &bytes) }
        if let text = self.responseTopic { Self.append(Identifier.responseTopic, text.utf8, to: &bytes) }
        if let data = self.correlationData { Self.append(Identifier.correlationData, data, to: &bytes) }
        for property in self.userProperties {
            Self.append(Identifier.userProperty, property.name.utf8, to: &bytes)
            Self.appendLengthAnd(property.value.utf8, to: &bytes)
        }
        return bytes
    }

    private static func append(_ identifier: UInt8, _ content: some Collection<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(identifier)
        self.appendLengthAnd(content, to: &bytes)
    }

    private static func appendLengthAnd(_ content: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let length = UInt16(clamping: content.count)
        bytes.append(UInt8(length >> 8))
        bytes.append(UInt8(length & 0xFF))
        bytes.append(contentsOf: content.prefix(Int(length)))
    }
}

// MARK: Reading back

extension MessageProperties {
    /// What a message carries. What follows something unknown is left out.
    package init(decoding encoded: some Collection<UInt8>) {
        self.init()
        var rest = Array(encoded)[...]
        while let identifier = rest.popFirst(), self.read(identifier, &rest) {}
    }

    /// Returns false when there is no going on.
    private mutating func read(_ identifier: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bool {
        if identifier == Identifier.payloadFormatIndicator {
            self.isUTF8Payload = rest.popFirst() == 1
            return true
        }
        guard let field = Self.takeField(&rest) else { return false }
        switch identifier {
        case Identifier.contentType: self.contentType = String(decoding: field, as: UTF8.self)
        case Identifier.responseTopic: self.responseTopic = String(decoding: field, as: UTF8.self)
        case Identifier.correlationData: self.correlationData = Array(field)
        case Identifier.userProperty:
            guard let value = Self.takeField(&rest) else { return false }
            self.userProperties.append((String(decoding: field, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        default: return false
        }
        return true
    }

    private static func takeField(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let high = bytes.popFirst(), let low = bytes.popFirst() else { return nil }
        let length = Int(high) << 8 | Int(low)
        guard bytes.count >= length else { return nil }
        defer { bytes = bytes.dropFirst(length) }
        return bytes.prefix(length)
    }
}
