import JSON

/// What is known of the message beside its payload.
enum MessageFunctions {
    /// `clientid()` of a message that did not come over MQTT.
    private static let noClientID = "n/a"

    static let all: [SQLFunction] = [
        fact("accountid") { .string($0.message.accountID) },
        fact("clientid") { .string($0.message.clientID ?? Self.noClientID) },
        fact("principal") { $0.message.principal.map { .string($0) } ?? .undefined },
        fact("sourceip") { $0.message.sourceIP.map { .string($0) } ?? .undefined },
        fact("traceid") { $0.message.traceID.map { .string($0) } ?? .undefined },
        fact("timestamp") { .int($0.message.timestampMilliseconds) },
        fact("sql_version") { .string($0.dialect.version.rawValue) },
        SQLFunction("newuuid", 0...0) { evaluation, _ throws(EvaluationStop) in
            .string(Self.uuid(evaluation.state.nextRandomNumber(), evaluation.state.nextRandomNumber()))
        },
        SQLFunction("topic", 0...1) { evaluation, arguments throws(EvaluationStop) in
            let topic = evaluation.message.topic
            guard let argument = arguments.first else { return .string(topic) }
            guard let number = evaluation.dialect.index(argument), number > 0 else { return .undefined }
            return Self.level(number, of: topic).map { .string($0) } ?? .undefined
        },
        SQLFunction("get_mqtt_property", 1...1, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            guard case .string(let name) = arguments[0] else { return .undefined }
            return Self.property(name, evaluation.message.properties)
        },
        SQLFunction("get_user_properties", 0...1, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            let properties = evaluation.message.properties.userProperties
            guard let argument = arguments.first else {
                return .array(properties.map { .object([$0.key: .string($0.value)]) })
            }
            guard case .string(let key) = argument else { return .undefined }
            let values = properties.filter { $0.key.utf8.elementsEqual(key.utf8) }
            return values.isEmpty ? .undefined : .array(values.map { .string($0.value) })
        },
    ]

    private static func fact(_ name: String, _ value: @escaping @Sendable (borrowing Evaluation) -> SQLValue) -> SQLFunction {
        SQLFunction(name, 0...0) { evaluation, _ throws(EvaluationStop) in value(evaluation) }
    }

    /// `number` counts from 1.
    private static func level(_ number: Int, of topic: String) -> String? {
        var rest = topic.utf8[...]
        for _ in 1..<number {
            guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
            rest = rest[rest.index(after: slash)...]
        }
        return String(Substring(rest.prefix { $0 != UInt8(ascii: "/") }))
    }

    private static func property(_ name: String, _ properties: SQLMessage.Properties) -> SQLValue {
        switch name {
        case "content_type": properties.contentType.map { .string($0) } ?? .undefined
        case "response_topic": properties.responseTopic.map { .string($0) } ?? .undefined
        case "correlation_data": properties.correlationData.map { .string(Base64.encode($0)) } ?? .undefined
        case "format_indicator": .string(properties.isUTF8Payload ? "UTF8_DATA" : "UNSPECIFIED_BYTES")
        default: .undefined
        }
    }

    /// Version 4 (RFC 9562 §5.4).
    private static func uuid(_ high: UInt64, _ low: UInt64) -> String {
        let high = high & ~0xF000 | 0x4000
        let low = low & ~(0b11 << 62) | 0b10 << 62
        let digits = [high, low].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }.joined()
        var result = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { result += "-" }
            result.append(digit)
        }
        return result
    }
}
