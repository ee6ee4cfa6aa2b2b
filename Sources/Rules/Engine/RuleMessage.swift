import Broker
import Foundation
import JSON

/// A message as rules see it, and as the journal keeps it.
struct RuleMessage: Sendable {
    private(set) var sql: SQLMessage
    /// How many rules caused it one after the other; 0 for a client's message.
    let depth: Int
    let isKept: Bool
}

extension RuleMessage {
    init(_ message: ServiceBatch.Message, accountID: String) {
        let properties = message.propertyBytes
        self.sql = SQLMessage(
            topic: message.topic, payload: message.payload, clientID: message.publisher.isEmpty ? nil : message.publisher,
            principal: message.origin?.principal, sourceIP: message.origin?.address, accountID: accountID,
            timestampMilliseconds: message.publishedAt,
            properties: properties.isEmpty ? .init() : .init(MessageProperties(decoding: properties)))
        self.depth = message.origin?.ruleDepth ?? 0
        self.isKept = message.qos > 0
    }

    /// Gives the message its trace id, which only what comes over MQTT has.
    mutating func trace() {
        if self.sql.traceID == nil, self.sql.clientID != nil { self.sql.traceID = UUID().uuidString.lowercased() }
    }
}

extension SQLMessage.Properties {
    init(_ properties: MessageProperties) {
        self.init(
            contentType: properties.contentType, responseTopic: properties.responseTopic, correlationData: properties.correlationData,
            isUTF8Payload: properties.isUTF8Payload,
            userProperties: properties.userProperties.map { SQLMessage.UserProperty(key: $0.name, value: $0.value) })
    }
}

// MARK: As the journal keeps it

extension RuleMessage {
    func encoded() -> [UInt8] {
        var object: JSONObject = [
            "topic": .string(self.sql.topic), "payload": .string(Data(self.sql.payload).base64EncodedString()),
            "account": .string(self.sql.accountID), "time": .int(self.sql.timestampMilliseconds), "depth": .int(Int64(self.depth)),
        ]
        if let id = self.sql.clientID { object["client"] = .string(id) }
        if let principal = self.sql.principal { object["principal"] = .string(principal) }
        if let address = self.sql.sourceIP { object["address"] = .string(address) }
        if let trace = self.sql.traceID { object["trace"] = .string(trace) }
        let properties = MessageProperties(self.sql.properties).encoded()
        if !properties.isEmpty { object["properties"] = .string(Data(properties).base64EncodedString()) }
        return JSONValue.object(object).serializedBytes()
    }

    /// Nil when the bytes are not what ``encoded()`` makes.
    init?(decoding bytes: [UInt8]) {
        guard let object = try? JSONValue(parsing: bytes, limits: JSONLimits(maxBytes: bytes.count)),
            let topic = object["topic"]?.stringValue, let payload = object["payload"]?.stringValue.flatMap({ Data(base64Encoded: $0) }),
            let account = object["account"]?.stringValue, let time = object["time"]?.intValue
        else { return nil }
        let properties = object["properties"]?.stringValue.flatMap { Data(base64Encoded: $0) } ?? Data()
        self.sql = SQLMessage(
            topic: topic, payload: Array(payload), clientID: object["client"]?.stringValue, principal: object["principal"]?.stringValue,
            sourceIP: object["address"]?.stringValue, traceID: object["trace"]?.stringValue, accountID: account,
            timestampMilliseconds: time, properties: .init(MessageProperties(decoding: properties)))
        self.depth = Int(object["depth"]?.intValue ?? 0)
        self.isKept = true
    }
}

extension MessageProperties {
    init(_ properties: SQLMessage.Properties) {
        self.init()
        self.isUTF8Payload = properties.isUTF8Payload
        self.contentType = properties.contentType
        self.responseTopic = properties.responseTopic
        self.correlationData = properties.correlationData
        self.userProperties = properties.userProperties.map { ($0.key, $0.value) }
    }
}
