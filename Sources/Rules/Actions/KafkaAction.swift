import AWSAPI
import JSON

/// `kafka`: produces the result to a topic of a Kafka cluster (AWS IoT Developer Guide, rules).
struct KafkaAction: RuleAction {
    static let key = "kafka"
    static let failureName = "KafkaAction"
    static let maxHeaders = 100
    static let maxHeaderCharacters = 16_384

    private let destination: String
    private let topic: SubstitutionTemplate
    private let messageKey: SubstitutionTemplate?
    private let partition: SubstitutionTemplate?
    private let headers: [(name: SubstitutionTemplate, value: SubstitutionTemplate)]
    private let properties: [String: SubstitutionTemplate]
    /// When no property has a template.
    private let settings: KafkaSettings?
    private let services: ActionServices
    let resource: String
    let batchLimit = 256
    /// One at a time keeps the order in which the messages came.
    let concurrency = 1
    /// The client itself tries for `KafkaProducer.messageTimeoutMilliseconds` each time.
    let maxAttempts: Int? = 3

    init(_ fields: ActionFields) throws(AWSError) {
        let input = fields.input
        self.services = fields.services
        let arn = try input.string("destinationArn", max: 2048)
        guard let id = fields.services.destinations.id(inARN: arn), id.hasPrefix("vpc/") else {
            throw .invalidRequest("destinationArn: \(arn) is not the ARN of a destination with a vpcConfiguration in this account.")
        }
        self.destination = id
        self.resource = try input.string("topic")
        self.topic = try fields.template("topic")
        self.messageKey = try fields.optionalTemplate("key")
        self.partition = try fields.optionalTemplate("partition")
        self.headers = try Self.headers(fields)
        let given = try input.stringMap("clientProperties")
        self.properties = try Self.properties(given, fields)
        // Their values are known now, and so is what is wrong with them.
        self.settings = self.properties.values.allSatisfy(\.isConstant) ? try Self.settings(given) : nil
        if self.topic.isConstant, !KafkaRecord.isTopic(self.resource) {
            throw .invalidRequest("topic: \(self.resource) is not the name of a topic of Kafka.")
        }
    }

    private static func headers(
        _ fields: ActionFields
    ) throws(AWSError) -> [(name: SubstitutionTemplate, value: SubstitutionTemplate)] {
        guard let list = try fields.input.optionalArray("headers", maxCount: Self.maxHeaders) else { return [] }
        guard !list.isEmpty else { throw .invalidRequest("headers: the list is empty; it holds 1 to \(Self.maxHeaders) headers.") }
        var headers: [(name: SubstitutionTemplate, value: SubstitutionTemplate)] = []
        for (i, element) in list.enumerated() {
            let place = "headers.\(i + 1).member"
            guard case .object(let object) = element else {
                throw .invalidRequest("\(place) is \(element.kindName), not an object with key and value.")
            }
            let header = OperationInput.nested(object)
            headers.append(
                (
                    try fields.template(try header.string("key", min: 0, max: Self.maxHeaderCharacters), of: "\(place).key"),
                    try fields.template(try header.string("value", min: 0, max: Self.maxHeaderCharacters), of: "\(place).value")
                ))
        }
        return headers
    }

    private static func properties(
        _ given: [String: String], _ fields: ActionFields
    ) throws(AWSError) -> [String: SubstitutionTemplate] {
        var properties: [String: SubstitutionTemplate] = [:]
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            if name.hasPrefix(KafkaSettings.kerberosPrefix) {
                throw .invalidRequest("clientProperties: Kerberos (\(name)) is not supported by Roost.")
            }
            guard KafkaSettings.known.contains(name) else {
                throw .invalidRequest("clientProperties: the kafka action has no property \(name).")
            }
            properties[name] = try fields.template(value, of: "clientProperties.\(name)")
        }
        return properties
    }

    private static func settings(_ given: [String: String]) throws(AWSError) -> KafkaSettings {
        do {
            return try KafkaSettings(given)
        } catch {
            throw .invalidRequest("clientProperties: \(error)")
        }
    }

    // MARK: Delivering

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items) { item in
            try self.checkDestination()
            return (try await self.settings(item), try await self.record(item))
        } send: { settings, members in
            await self.services.kafka.send(members.map(\.entry), with: settings)
        }
    }

    private func checkDestination() throws(ActionProblem) {
        switch self.services.destinations.find(self.destination)?.status {
        case .enabled: break
        case .some(let status): throw ActionProblem("The destination \(self.destination) is \(status.rawValue), not ENABLED.")
        case nil: throw ActionProblem("There is no destination \(self.destination).")
        }
    }

    private func settings(_ item: ActionItem) async throws -> KafkaSettings {
        if let settings = self.settings { return settings }
        var values: [String: String] = [:]
        for (name, template) in self.properties { values[name] = try await item.text(template) }
        return try KafkaSettings(values)
    }

    private func record(_ item: ActionItem) async throws -> KafkaRecord {
        let topic = try await item.text(self.topic)
        guard KafkaRecord.isTopic(topic) else { throw ActionProblem("\(topic.prefix(300)) is not the name of a topic of Kafka.") }
        var headers: [KafkaRecord.Header] = []
        for header in self.headers {
            headers.append(KafkaRecord.Header(name: try await item.text(header.name), value: try await item.text(header.value)))
        }
        return KafkaRecord(
            topic: topic, partition: try await self.partition(item), key: try await item.text(self.messageKey).map { Array($0.utf8) },
            value: item.bytes, headers: headers)
    }

    private func partition(_ item: ActionItem) async throws -> Int32? {
        guard let text = try await item.text(self.partition) else { return nil }
        guard let number = Int32(text), number >= 0 else {
            throw ActionProblem("The partition \(text.prefix(100)) is not a number from 0 on.")
        }
        return number
    }
}
