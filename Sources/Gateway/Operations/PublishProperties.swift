import AWSAPI
import Broker
import Foundation
import JSON

/// The MQTT 5 properties of an HTTP publish (reference 1.11), in the encoding that messages carry them in (MQTT 5.0 §2.2.2).
struct PublishProperties: Sendable, Equatable {
    private enum Identifier {
        static let payloadFormatIndicator: UInt8 = 0x01
        static let contentType: UInt8 = 0x03
        static let responseTopic: UInt8 = 0x08
        static let correlationData: UInt8 = 0x09
        static let userProperty: UInt8 = 0x26
    }

    var isUTF8Payload = false
    var contentType: String?
    var responseTopic: String?
    var correlationData: [UInt8]?
    var userProperties: [(name: String, value: String)] = []

    static func == (left: Self, right: Self) -> Bool { left.encoded() == right.encoded() }

    init() {}

    /// Reads the query and the headers.
    init(_ input: OperationInput) throws(AWSError) {
        let format = try input.optionalWord(
            "payloadFormatIndicator", in: .named("x-amz-mqtt5-payload-format-indicator"), of: ["UNSPECIFIED_BYTES", "UTF8_DATA"])
        self.isUTF8Payload = format == "UTF8_DATA"
        self.contentType = try input.optionalString("contentType", in: .query)
        self.responseTopic = try input.optionalString("responseTopic", in: .query)
        if let text = try input.optionalString("correlationData", in: .named("x-amz-mqtt5-correlation-data")) {
            guard let data = Data(base64Encoded: text) else {
                throw .invalidRequest("The header x-amz-mqtt5-correlation-data is not base64.")
            }
            self.correlationData = [UInt8](data)
        }
        if let text = try input.optionalString("userProperties", in: .named("x-amz-mqtt5-user-properties")) {
            self.userProperties = try Self.userProperties(text)
        }
    }

    /// A base64 text of a JSON array of objects with one key each.
    static func userProperties(_ text: String) throws(AWSError) -> [(name: String, value: String)] {
        let complaint = AWSError.invalidRequest(
            "The header x-amz-mqtt5-user-properties is not the base64 of a JSON array of objects with one key and a text.")
        guard let data = Data(base64Encoded: text), let value = try? JSONValue(parsing: [UInt8](data)) else { throw complaint }
        guard case .array(let items) = value else { throw complaint }
        var result: [(name: String, value: String)] = []
        for item in items {
            guard case .object(let object) = item, object.count == 1, let (name, value) = object.first(where: { _ in true }),
                case .string(let text) = value
            else { throw complaint }
            result.append((name, text))
        }
        return result
    }

    /// Holds the properties against the limits of the profile.
    func check(_ profile: Profile) throws(AWSError) {
        try Self.check(self.contentType?.utf8.count, "contentType", limit: profile.maxContentTypeBytes)
        try Self.check(self.responseTopic?.utf8.count, "responseTopic", limit: profile.maxResponseTopicBytes)
        try Self.check(self.correlationData?.count, "correlationData", limit: profile.maxCorrelationBytes)
        let total = self.userProperties.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        try Self.check(total, "userProperties", limit: profile.maxUserPropertyBytes)
        for property in self.userProperties {
            try Self.check(max(property.name.utf8.count, property.value.utf8.count), "userProperties", limit: Int(UInt16.max))
        }
        // [MQTT-3.3.2-14] A response topic holds no wildcards.
        if let topic = self.responseTopic, topic.isEmpty || topic.utf8.contains(where: { $0 == 0x2B || $0 == 0x23 }) {
            throw .invalidRequest("The response topic must be a topic name without wildcards.")
        }
        let texts = [self.contentType, self.responseTopic].compactMap { $0 } + self.userProperties.flatMap { [$0.name, $0.value] }
        if texts.contains(where: { $0.utf8.contains(0) }) {
            throw .invalidRequest("A property holds the character U+0000, which MQTT does not allow.")
        }
    }

    private static func check(_ bytes: Int?, _ name: String, limit: Int) throws(AWSError) {
        guard let bytes, bytes > limit else { return }
        throw .invalidRequest("\(name) is \(bytes) bytes long; at most \(limit) are allowed.")
    }

    /// Without the length in front. The lengths fit 16 bits: `check` comes first.
    func encoded() -> [UInt8] {
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

    // MARK: Reading back

    /// The user properties among encoded properties. What follows something unknown is left out.
    static func userProperties(in encoded: some Collection<UInt8>) -> [(name: String, value: String)] {
        var rest = encoded[...]
        var result: [(name: String, value: String)] = []
        while let identifier = rest.popFirst() {
            switch identifier {
            case Identifier.payloadFormatIndicator:
                rest = rest.dropFirst()
            case Identifier.contentType, Identifier.responseTopic, Identifier.correlationData:
                guard self.takeField(&rest) != nil else { return result }
            case Identifier.userProperty:
                guard let name = self.takeField(&rest), let value = self.takeField(&rest) else { return result }
                result.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            default:
                return result
            }
        }
        return result
    }

    private static func takeField<Bytes: Collection<UInt8>>(_ bytes: inout Bytes) -> Bytes? where Bytes.SubSequence == Bytes {
        guard let high = bytes.popFirst(), let low = bytes.popFirst() else { return nil }
        let length = Int(high) << 8 | Int(low)
        guard bytes.count >= length else { return nil }
        defer { bytes = bytes.dropFirst(length) }
        return bytes.prefix(length)
    }
}
