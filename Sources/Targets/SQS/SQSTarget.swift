import AWSAPI
import Foundation
import JSON
import Storage

/// The embedded SQS: standard queues in the database.
struct SQSTarget: EmbeddedTarget {
    let service = "sqs"
    let store: any Store
    let account: AccountContext
    let limits: TargetLimits
    let signals: ArrivalSignals
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    func table(_ connection: any StoreConnection) -> SQSTable {
        SQSTable(connection: connection, limits: self.limits, now: self.clock())
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (SQSTable) throws -> T) async throws -> T {
        try await self.store.write { try body(self.table($0)) }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (SQSTable) throws -> T) async throws -> T {
        try await self.store.read { try body(self.table($0)) }
    }

    // MARK: Names

    static let maxNameCharacters = 80
    static let namePattern = InputPattern("[A-Za-z0-9_-]{1,80}", ranges: ["az", "AZ", "09"], others: "_-")

    /// - Throws: UnsupportedOperation for FIFO queues, InvalidParameterValue.
    static func checkName(_ name: String) throws(AWSError) {
        guard !name.hasSuffix(".fifo") else { throw .sqsUnsupported("FIFO queues such as \(name.prefix(100)) are not supported by Roost.") }
        guard Self.namePattern.matches(name), name.utf8.count <= Self.maxNameCharacters else {
            throw .sqsParameter("QueueName", name, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.")
        }
    }

    /// The last part of a queue's URL, whatever host and account it names: queues have one name here.
    static func name(in input: OperationInput) throws(AWSError) -> String {
        guard let url = try input.optionalString("QueueUrl"), !url.isEmpty else {
            throw .sqs("MissingParameter", "The request must contain the parameter QueueUrl.")
        }
        guard let name = url.split(separator: "/").last else { throw .noQueue }
        return String(name)
    }

    /// As the caller reaches this server.
    func url(of name: String, _ context: OperationContext) -> String {
        "\(context.isSecure ? "https" : "http")://\(context.host)/\(self.account.account)/\(name)"
    }

    func arn(of name: String) -> String { self.account.arn(service: "sqs", name) }

    /// The queue that a caller sends to. For a rule it is made, since nobody else would; others have to make it.
    ///
    /// - Throws: QueueDoesNotExist.
    func queue(_ name: String, for caller: Caller, in table: SQSTable) throws -> SQSQueue {
        if let queue = try table.queue(name) { return queue }
        guard case .service = caller else { throw AWSError.noQueue }
        try Self.checkName(name)
        try table.create(name, SQSQueueAttributes())
        return try table.existing(name)
    }

    // MARK: What it shows

    func contents() async throws -> [TargetSummary] {
        try await self.read { table in
            try table.queues(limit: self.limits.maxTargets).map {
                TargetSummary(name: $0.name, kind: "queue", records: $0.messages, bytes: $0.bytes)
            }
        }
    }

    func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]? {
        try await self.read { table in
            guard try table.queue(name) != nil else { return nil }
            return try table.newest(of: name, after: position, limit: limit).map(\.shown)
        }
    }

    func record(of name: String, key: String) async throws -> TargetRecord? {
        try await self.read { try $0.find(key, in: name)?.shown }
    }
}

extension SQSMessage {
    fileprivate var shown: TargetRecord {
        var attributes: JSONObject = ["receives": .int(Int64(self.receives))]
        if !self.attributes.isEmpty { attributes["messageAttributes"] = .object(self.attributes) }
        if let origin { attributes["deadLetterOf"] = .string(origin) }
        return TargetRecord(position: self.position, key: self.id, time: self.sentAt, attributes: attributes, body: Array(self.body.utf8))
    }
}
