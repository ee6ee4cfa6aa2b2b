import AWSAPI
import JSON
import Storage

/// How long a stream's records are there to be read.
enum KinesisRetention {
    static let hours = 24...8_760

    static func hours(of entry: RecordLog.Entry) -> Int {
        entry.attributes["retentionHours"]?.intValue.map { Int($0) } ?? Self.hours.lowerBound
    }

    /// Records from before this time are gone.
    ///
    /// - Parameter now: milliseconds since 1970, as the result.
    static func start(of entry: RecordLog.Entry, now: Int64) -> Int64 { now - Int64(Self.hours(of: entry)) * 3_600_000 }
}

struct KinesisRetentionInput: OperationDecodable {
    let stream: String
    let hours: Int

    init(_ input: OperationInput) throws {
        self.stream = try KinesisTarget.stream(in: input)
        self.hours = try input.int("RetentionPeriodHours")
        guard KinesisRetention.hours.contains(self.hours) else {
            throw AWSError.kinesisArgument("The retention period must be from 24 hours to 8760 hours. Requested: \(self.hours).")
        }
    }
}

struct KinesisIncreaseRetention: AWSOperation {
    static let route = OperationRoute(.kinesis, "IncreaseStreamRetentionPeriod")
    let kinesis: KinesisTarget

    func handle(_ input: KinesisRetentionInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.kinesis.setRetention(input) { $0 <= input.hours }
        return EmptyOutput()
    }
}

struct KinesisDecreaseRetention: AWSOperation {
    static let route = OperationRoute(.kinesis, "DecreaseStreamRetentionPeriod")
    let kinesis: KinesisTarget

    func handle(_ input: KinesisRetentionInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.kinesis.setRetention(input) { $0 >= input.hours }
        return EmptyOutput()
    }
}

extension KinesisTarget {
    fileprivate func setRetention(_ input: KinesisRetentionInput, from isRight: @escaping @Sendable (Int) -> Bool) async throws {
        try await self.store.write { connection in
            let entry = try self.existing(input.stream, connection)
            let now = KinesisRetention.hours(of: entry)
            guard isRight(now) else {
                throw AWSError.kinesisArgument(
                    "The retention period of \(input.stream) is \(now) hours: \(input.hours) is on the other side of it.")
            }
            var attributes = entry.attributes
            attributes["retentionHours"] = JSONValue(input.hours)
            try self.log.log(connection).setAttributes(attributes, of: input.stream)
        }
    }
}

extension RecordLog {
    /// Removes the records from before a time, in milliseconds since 1970.
    func drop(before time: Int64, from name: String) throws {
        let key: [StoreValue] = [.text(self.service), .text(name)]
        let oldest = "SELECT at FROM target_record WHERE service = ? AND name = ? ORDER BY position LIMIT 1"
        guard let row = try self.connection.queryOne(oldest, key), try row.integer(0) < time else { return }
        let old = " FROM target_record WHERE service = ? AND name = ? AND at < ?"
        let found = try self.connection.queryOne("SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0)" + old, key + [.integer(time)])
        guard let found else { return }
        try self.connection.execute("DELETE" + old, key + [.integer(time)])
        try self.connection.execute(
            "UPDATE target_log SET records = records - ?, bytes = bytes - ? WHERE service = ? AND name = ?",
            [.integer(try found.integer(0)), .integer(try found.integer(1))] + key)
    }
}
