package import AWSAPI
import Foundation
import JSON
import Storage

extension AWSService {
    package static let firehose = AWSService(
        name: "firehose", signingNames: ["firehose"], wire: .json(targetPrefix: "Firehose_20150804"),
        invalidRequestName: "ValidationException")
}

/// The errors of Firehose's model. All are answered with 400.
extension AWSError {
    static func firehose(_ name: String, _ message: String) -> AWSError { AWSError(name: name, status: 400, message: message) }
}

/// The embedded Firehose: each delivery stream is a log of records, which go to a bucket of the embedded S3 when it has one.
struct FirehoseTarget: EmbeddedTarget {
    let log: LogTarget
    let account: AccountContext
    /// Wakes the delivery.
    let signals: ArrivalSignals
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    var service: String { self.log.service }
    var store: any Store { self.log.store }

    func contents() async throws -> [TargetSummary] { try await self.log.contents() }

    func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]? {
        try await self.log.records(of: name, after: position, limit: limit)
    }

    func record(of name: String, key: String) async throws -> TargetRecord? { try await self.log.record(of: name, key: key) }

    // MARK: Delivery streams

    static let namePattern = InputPattern("[a-zA-Z0-9_.-]+", ranges: ["az", "AZ", "09"], others: "_.-")
    static let maxNameCharacters = 64

    static func name(in input: OperationInput) throws(AWSError) -> String {
        try input.string("DeliveryStreamName", max: Self.maxNameCharacters, pattern: Self.namePattern)
    }

    func arn(of stream: String) -> String { self.account.arn(service: "firehose", "deliverystream/\(stream)") }

    /// - Throws: ResourceNotFoundException.
    func existing(_ stream: String, _ connection: any StoreConnection) throws -> RecordLog.Entry {
        guard let entry = try self.log.log(connection).entry(stream) else {
            throw AWSError.firehose("ResourceNotFoundException", "Firehose \(stream) under account \(self.account.account) not found.")
        }
        return entry
    }

    func create(
        _ stream: String, to destination: FirehoseDestination? = nil, tags: [String: String] = [:], _ connection: any StoreConnection
    ) throws {
        var attributes: JSONObject = destination.map { ["s3": .object($0.configuration)] } ?? [:]
        try LogTags.change(&attributes, adding: tags)
        guard try self.log.log(connection).create(stream, kind: "delivery stream", attributes: attributes, at: self.clock()) else {
            throw AWSError.firehose(
                "LimitExceededException",
                "This server has \(self.log.limits.maxTargets) delivery streams, which is all that it takes: delete some.")
        }
    }

    // MARK: Records

    static let maxRecordBytes = 1_024_000

    /// The bytes of a record in a request.
    ///
    /// - Throws: ValidationException, InvalidArgumentException.
    static func data(_ record: JSONValue) throws(AWSError) -> [UInt8] {
        guard let text = record["Data"]?.stringValue, let data = Data(base64Encoded: text) else {
            throw .firehose("SerializationException", "A record has no Data, or Data that is not base64.")
        }
        guard data.count <= Self.maxRecordBytes else {
            throw .invalidRequest(
                "1 validation error detected: Value at 'record.data' failed to satisfy constraint: Member must have length less than or equal "
                    + "to \(Self.maxRecordBytes)")
        }
        return Array(data)
    }

    /// - Returns: an id for each record.
    func put(_ records: [[UInt8]], into stream: String, for caller: Caller) async throws -> [String] {
        let (ids, hasBucket) = try await self.store.write { connection in
            let log = self.log.log(connection)
            if try log.entry(stream) == nil, case .service = caller {
                // For a rule a delivery stream is made, since nobody else would; others have to make it.
                try self.create(stream, connection)
            }
            let entry = try self.existing(stream, connection)
            let now = self.clock()
            let ids = records.map { _ in UUID().uuidString.lowercased() }
            try log.append(zip(ids, records).map { TargetRecord(key: $0, time: now, body: $1) }, to: stream)
            return (ids, entry.attributes["s3"] != nil)
        }
        if hasBucket { self.signals.signal(FirehoseDelivery.signalName) }
        return ids
    }
}
