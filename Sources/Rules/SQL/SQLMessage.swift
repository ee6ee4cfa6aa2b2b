/// What a rule sees of a published message.
package struct SQLMessage: Sendable {
    /// MQTT 5.0 §3.3.2.3 properties that functions can ask for.
    package struct Properties: Sendable, Hashable {
        package var contentType: String?
        package var responseTopic: String?
        package var correlationData: [UInt8]?
        /// Payload Format Indicator 1.
        package var isUTF8Payload: Bool
        /// In the order in which they came; a key may come more than once.
        package var userProperties: [UserProperty]

        package init(
            contentType: String? = nil, responseTopic: String? = nil, correlationData: [UInt8]? = nil, isUTF8Payload: Bool = false,
            userProperties: [UserProperty] = []
        ) {
            self.contentType = contentType
            self.responseTopic = responseTopic
            self.correlationData = correlationData
            self.isUTF8Payload = isUTF8Payload
            self.userProperties = userProperties
        }
    }

    package struct UserProperty: Sendable, Hashable {
        package var key: String
        package var value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// As it was published, or behind `$aws/rules/RULE/` for Basic Ingest: `topic()` knows nothing of that prefix.
    package let topic: String
    package var payload: [UInt8]
    /// Nil when the message did not come over MQTT.
    package var clientID: String?
    /// A certificate's id or an IAM identity; nil when there is none.
    package var principal: String?
    package var sourceIP: String?
    /// A UUID of the message; nil when it did not come over MQTT.
    package var traceID: String?
    /// Of the rule's owner.
    package var accountID: String
    /// What `timestamp()` says: milliseconds since 1970 (UTC).
    package var timestampMilliseconds: Int64
    package var properties: Properties

    package init(
        topic: String, payload: [UInt8], clientID: String? = nil, principal: String? = nil, sourceIP: String? = nil,
        traceID: String? = nil, accountID: String = "000000000000", timestampMilliseconds: Int64, properties: Properties = Properties()
    ) {
        self.topic = Self.withoutBasicIngestPrefix(topic)
        self.payload = payload
        self.clientID = clientID
        self.principal = principal
        self.sourceIP = sourceIP
        self.traceID = traceID
        self.accountID = accountID
        self.timestampMilliseconds = timestampMilliseconds
        self.properties = properties
    }

    /// `$aws/rules/RULE/rest/of/topic` is `rest/of/topic`.
    static func withoutBasicIngestPrefix(_ topic: String) -> String {
        let prefix = "$aws/rules/"
        guard topic.utf8.starts(with: prefix.utf8) else { return topic }
        let behind = topic.utf8.dropFirst(prefix.utf8.count)
        guard let slash = behind.firstIndex(of: UInt8(ascii: "/")) else { return topic }
        return String(topic[topic.utf8.index(after: slash)...])
    }
}
