import AWSAPI
import JSON
import Storage

extension AWSService {
    /// The writing half of Timestream.
    static let timestreamWrite = AWSService(
        name: "timestream-write", signingNames: ["timestream"], wire: .json(targetPrefix: "Timestream_20181101", version: "1.0"),
        invalidRequestName: "ValidationException")
}

/// The embedded Timestream: a log of the records of each table. There is nothing to query them with.
struct TimestreamService: Sendable {
    let target: LogTarget
    let clock: @Sendable () -> Int64

    init(_ targets: TargetsService) {
        self.target = targets.log(of: "timestream")
        self.clock = targets.clock
    }

    var operations: [any AWSOperation] { [WriteRecords(timestream: self)] }
}

/// `WriteRecords`. A rule makes the database and the table that it names.
struct WriteRecords: AWSOperation {
    static let route = OperationRoute(.timestreamWrite, "WriteRecords")
    static let maxRecords = 100
    static let types: Set<String> = ["DOUBLE", "BIGINT", "VARCHAR", "BOOLEAN", "TIMESTAMP", "MULTI"]

    struct Input: OperationDecodable {
        let database: String
        let table: String
        /// With the common attributes in them.
        let records: [JSONObject]

        init(_ input: OperationInput) throws {
            self.database = try input.string("DatabaseName")
            self.table = try input.string("TableName")
            let common = try input.optionalObject("CommonAttributes") ?? [:]
            let records = try input.optionalArray("Records", maxCount: WriteRecords.maxRecords) ?? []
            guard !records.isEmpty else { throw AWSError.validation("At least one record is required.") }
            self.records = try records.map { value in
                guard case .object(let record) = value else { throw AWSError.validation("A record is \(value.kindName), not an object.") }
                var whole = common
                for (key, value) in record where key != "Dimensions" { whole[key] = value }
                whole["Dimensions"] = .array((common["Dimensions"]?.arrayValue ?? []) + (record["Dimensions"]?.arrayValue ?? []))
                return whole
            }
        }
    }

    let timestream: TimestreamService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let rejected = input.records.enumerated().compactMap { index, record in
            Self.problem(record).map { JSONValue.object(["RecordIndex": JSONValue(index), "Reason": .string($0)]) }
        }
        guard rejected.isEmpty else {
            throw AWSError(
                name: "RejectedRecordsException", status: 400,
                message: "One or more records have been rejected. See RejectedRecords for details.",
                extra: ["RejectedRecords": .array(rejected)])
        }
        let now = self.timestream.clock()
        let name = "\(input.database)/\(input.table)"
        let records = input.records.map { record in
            TargetRecord(
                key: record["MeasureName"]?.stringValue ?? "", time: now, attributes: ["dimensions": record["Dimensions"] ?? []],
                body: JSONValue.object(record).serializedBytes())
        }
        let caller = context.caller
        let target = self.timestream.target
        try await target.store.write { connection in
            let log = target.log(connection)
            try log.require(
                name, kind: "table", for: caller, at: now,
                missing: AWSError(
                    name: "ResourceNotFoundException", status: 400,
                    message: "The database \(input.database) or its table \(input.table) does not exist."),
                full: AWSError(
                    name: "ServiceQuotaExceededException", status: 400, message: "There are \(target.limits.maxTargets) tables already."))
            try log.append(records, to: name)
        }
        let count = JSONValue(records.count)
        return ["RecordsIngested": ["Total": count, "MemoryStore": count, "MagneticStore": 0]]
    }

    /// Why Timestream would reject a record; nil when it would not.
    static func problem(_ record: JSONObject) -> String? {
        guard record["MeasureName"]?.stringValue?.isEmpty == false else { return "The record has no measure name." }
        let type = record["MeasureValueType"]?.stringValue ?? "DOUBLE"
        guard Self.types.contains(type) else { return "The measure value type \(type) is not known." }
        guard let time = record["Time"]?.stringValue, Int64(time) != nil else { return "The record has no valid time." }
        guard record["Dimensions"]?.arrayValue?.isEmpty == false else { return "The record has no dimension." }
        if type == "MULTI" {
            return record["MeasureValues"]?.arrayValue?.isEmpty == false ? nil : "A record of the type MULTI needs MeasureValues."
        }
        guard let value = record["MeasureValue"]?.stringValue, !value.isEmpty, value.utf8.count <= 2048 else {
            return "The measure value has to have 1 to 2048 bytes."
        }
        let isRight =
            switch type {
            case "DOUBLE": Double(value) != nil
            case "BIGINT", "TIMESTAMP": Int64(value) != nil
            case "BOOLEAN": ["true", "false"].contains(value.lowercased())
            default: true
            }
        return isRight ? nil : "The measure value is no \(type)."
    }
}
