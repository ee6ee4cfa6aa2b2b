import AWSAPI
import Foundation
import JSON
import Storage

struct KinesisGetShardIterator: AWSOperation {
    static let route = OperationRoute(.kinesis, "GetShardIterator")
    static let types = ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]

    struct Input: OperationDecodable {
        let stream: String
        let shard: String
        let type: String
        let sequence: String?
        /// Milliseconds since 1970.
        let time: Int64?

        init(_ input: OperationInput) throws {
            self.stream = try KinesisTarget.stream(in: input)
            self.shard = try input.string("ShardId")
            self.type = try input.word("ShardIteratorType", of: KinesisGetShardIterator.types)
            self.sequence = try input.optionalString("StartingSequenceNumber")
            let seconds = try input.value("Timestamp")?.doubleValue
            if let seconds, !(0...253_402_300_799).contains(seconds) { throw AWSError.kinesisArgument("The Timestamp is out of range.") }
            self.time = seconds.map { Int64($0 * 1_000) }
        }
    }

    let kinesis: KinesisTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let iterator = try await self.kinesis.store.read { connection in
            let entry = try self.kinesis.existing(input.stream, connection)
            guard let shard = KinesisTarget.shards(of: entry).index(of: input.shard) else {
                throw AWSError.kinesis(
                    "ResourceNotFoundException",
                    "Shard \(input.shard.prefix(128)) in stream \(input.stream) under account \(context.account.account) does not exist")
            }
            let position = try self.position(input, entry, connection)
            return KinesisIterator(stream: input.stream, shard: shard, position: position, madeAt: self.kinesis.clock())
        }
        return ["ShardIterator": .string(iterator.text)]
    }

    private func position(_ input: Input, _ entry: RecordLog.Entry, _ connection: any StoreConnection) throws -> Int64 {
        switch input.type {
        case "TRIM_HORIZON": return 0
        case "LATEST": return entry.last
        case "AT_TIMESTAMP":
            guard let time = input.time else {
                throw AWSError.kinesisArgument("Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP.")
            }
            return try self.kinesis.log.log(connection).last(before: time, in: input.stream) ?? entry.last
        default:
            guard let sequence = input.sequence.flatMap({ KinesisSequence.position($0) }) else {
                throw AWSError.kinesisArgument(
                    "StartingSequenceNumber \(input.sequence?.prefix(140) ?? "null") used in GetShardIterator on shard \(input.shard) in stream "
                        + "\(input.stream) under account \(self.kinesis.account.account) is invalid.")
            }
            return input.type == "AT_SEQUENCE_NUMBER" ? max(0, sequence - 1) : sequence
        }
    }
}

struct KinesisGetRecords: AWSOperation {
    static let route = OperationRoute(.kinesis, "GetRecords")
    static let maxRecords = 10_000
    /// Of the data that one answer has; the record that passes it is the last.
    static let maxBytes = 5 << 20
    /// Records of all shards that are read at a time, and in all.
    private static let pageSize = 100
    private static let maxRead = 10_000

    struct Input: OperationDecodable {
        let iterator: KinesisIterator
        let limit: Int

        init(_ input: OperationInput) throws {
            self.iterator = try KinesisIterator(try input.string("ShardIterator", max: 512))
            self.limit = try input.optionalInt("Limit", range: 1...KinesisGetRecords.maxRecords) ?? KinesisGetRecords.maxRecords
        }
    }

    /// What was found, and how far the log was read.
    private struct Page: Sendable {
        var records: [TargetRecord] = []
        var position: Int64
        /// The time of the last record that was read, when there are more.
        var behind: Int64?
    }

    let kinesis: KinesisTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.kinesis.clock()
        let iterator = input.iterator
        guard now - iterator.madeAt <= KinesisIterator.lifetime else {
            throw AWSError.kinesis("ExpiredIteratorException", "Iterator expired. An iterator lasts 300 seconds: get a new one.")
        }
        let page = try await self.kinesis.store.read { connection in
            let entry = try self.kinesis.existing(iterator.stream, connection)
            let start = KinesisRetention.start(of: entry, now: now)
            return try Self.page(iterator, from: start, limit: input.limit, self.kinesis.log.log(connection))
        }
        let next = KinesisIterator(stream: iterator.stream, shard: iterator.shard, position: page.position, madeAt: now)
        return [
            "Records": .array(page.records.map { .object(Self.described($0)) }), "NextShardIterator": .string(next.text),
            "MillisBehindLatest": .int(page.behind.map { max(0, now - $0) } ?? 0),
        ]
    }

    /// - Parameter start: records from before this time are gone.
    private static func page(_ iterator: KinesisIterator, from start: Int64, limit: Int, _ log: RecordLog) throws -> Page {
        var page = Page(position: iterator.position)
        var (read, bytes) = (0, 0)
        while true {
            let records = try log.page(of: iterator.stream, after: page.position, limit: Self.pageSize)
            for record in records {
                page.position = record.position
                page.behind = record.time
                guard record.attributes["shard"]?.intValue == Int64(iterator.shard), record.time >= start else { continue }
                page.records.append(record)
                bytes += record.body.count
                if page.records.count == limit || bytes >= Self.maxBytes { return try Self.ended(page, iterator.stream, log) }
            }
            read += records.count
            if records.count < Self.pageSize || read >= Self.maxRead { return try Self.ended(page, iterator.stream, log) }
        }
    }

    private static func ended(_ page: Page, _ stream: String, _ log: RecordLog) throws -> Page {
        var page = page
        if try log.page(of: stream, after: page.position, limit: 1).isEmpty { page.behind = nil }
        return page
    }

    private static func described(_ record: TargetRecord) -> JSONObject {
        [
            "SequenceNumber": .string(KinesisSequence.text(record.position)),
            "ApproximateArrivalTimestamp": JSONValue(Double(record.time) / 1_000),
            "Data": .string(Data(record.body).base64EncodedString()), "PartitionKey": .string(record.key),
        ]
    }
}

extension RecordLog {
    /// The position of the newest record from before a time, 0 when there is none; nil when all are from before it.
    ///
    /// - Parameter time: milliseconds since 1970.
    fileprivate func last(before time: Int64, in name: String) throws -> Int64? {
        try self.connection.queryOne(
            "SELECT position - 1 FROM target_record WHERE service = ? AND name = ? AND at >= ? ORDER BY position LIMIT 1",
            [.text(self.service), .text(name), .integer(time)]
        )?.integer(0)
    }
}
