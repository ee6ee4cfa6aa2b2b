import AWSAPI
import Foundation
import JSON
import NIOCore
import Synchronization

/// `timestream`: one record for each attribute of the result (Timestream WriteRecords).
struct TimestreamAction: RuleAction {
    static let key = "timestream"
    static let failureName = "TimestreamAction"
    static let units = ["SECONDS", "MILLISECONDS", "MICROSECONDS", "NANOSECONDS"]
    /// Records of one WriteRecords, and so attributes of a result.
    static let maxRecords = 100
    static let maxDimensions = 128

    private struct Table: Hashable, Sendable {
        let database: String
        let name: String
    }

    private let database: SubstitutionTemplate
    private let table: SubstitutionTemplate
    private let dimensions: [(name: String, value: SubstitutionTemplate)]
    private let time: SubstitutionTemplate?
    private let unit: String
    private let services: ActionServices
    private let endpoint: TimestreamEndpoint
    let resource: String
    let batchLimit = 32

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("tableName")
        self.database = try fields.template("databaseName")
        self.table = try fields.template("tableName")
        self.dimensions = try Self.dimensions(fields)
        let timestamp = try fields.nested("timestamp")
        self.time = try timestamp?.template("value")
        self.unit = try timestamp?.input.word("unit", of: Self.units) ?? "MILLISECONDS"
        self.services = fields.services
        self.endpoint = TimestreamEndpoint(services: fields.services)
    }

    private static func dimensions(_ fields: ActionFields) throws(AWSError) -> [(String, SubstitutionTemplate)] {
        let list = try fields.input.optionalArray("dimensions", maxCount: Self.maxDimensions) ?? []
        guard !list.isEmpty else { throw .invalidRequest("dimensions: a record needs at least one dimension.") }
        var dimensions: [(String, SubstitutionTemplate)] = []
        for element in list {
            guard let name = element["name"]?.stringValue, let value = element["value"]?.stringValue else {
                throw .invalidRequest("dimensions holds objects with the texts name and value.")
            }
            guard !name.isEmpty, !["measure_name", "time"].contains(name), !name.hasPrefix("ts_"), !name.hasPrefix("measure_value"),
                !name.contains(":")
            else { throw .invalidRequest("dimensions: \(name) is a name that Timestream keeps for itself.") }
            dimensions.append((name, try fields.template(value, of: "dimensions")))
        }
        return dimensions
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items, prepare: self.records) { table, members in
            var outcomes: [ActionOutcome] = []
            for part in Self.parts(members) {
                outcomes += await ActionBatch.sendWhole(part) { members throws(ServiceFailure) in try await self.write(members, to: table) }
            }
            return outcomes
        }
    }

    /// As few calls as the limit of records allows.
    private static func parts(_ members: [BatchMember<[JSONValue]>]) -> [[BatchMember<[JSONValue]>]] {
        var parts: [[BatchMember<[JSONValue]>]] = []
        var left = 0
        for member in members {
            if member.entry.count > left || parts.isEmpty {
                parts.append([])
                left = Self.maxRecords
            }
            parts[parts.count - 1].append(member)
            left -= member.entry.count
        }
        return parts
    }

    private func write(_ members: [BatchMember<[JSONValue]>], to table: Table) async throws(ServiceFailure) {
        let records = members.flatMap(\.entry)
        guard let first = members.first, !records.isEmpty else { return }
        var request = ServiceRequest.json(
            "timestream", prefix: "Timestream_20181101", "WriteRecords", version: "1.0",
            ["DatabaseName": .string(table.database), "TableName": .string(table.name), "Records": .array(records)])
        request.address = await self.endpoint.address(for: first.item)
        _ = try await self.services.call(request, for: first.item)
    }

    // MARK: Records

    private func records(_ item: ActionItem) async throws -> (Table, [JSONValue]) {
        guard case .json(.object(let object)) = item.output.body else {
            throw ActionProblem("The result is not a JSON object, whose attributes would be the measures.")
        }
        guard object.count <= Self.maxRecords else {
            throw ActionProblem("The result has \(object.count) attributes; Timestream takes \(Self.maxRecords) measures.")
        }
        var dimensions: [JSONValue] = []
        for dimension in self.dimensions {
            dimensions.append(["Name": .string(dimension.name), "Value": .string(try await item.text(dimension.value))])
        }
        let time = try await self.time(of: item)
        var records: [JSONValue] = []
        for (name, value) in object {
            guard let (text, type) = Self.measure(value) else { continue }
            records.append([
                "Dimensions": .array(dimensions), "MeasureName": .string(name), "MeasureValue": .string(text),
                "MeasureValueType": .string(type), "Time": .string(time), "TimeUnit": .string(self.unit),
            ])
        }
        guard !records.isEmpty else { throw ActionProblem("The result has no attribute with a value that could be a measure.") }
        let table = Table(database: try await item.text(self.database), name: try await item.text(self.table))
        return (table, records)
    }

    private func time(of item: ActionItem) async throws -> String {
        guard let text = try await item.text(self.time) else { return String(Int64(Date().timeIntervalSince1970 * 1000)) }
        guard Int64(text) != nil else { throw ActionProblem("timestamp is \"\(text.prefix(64))\", which is no whole number.") }
        return text
    }

    /// A measure's value and its type; nil for null, which is no measure.
    private static func measure(_ value: JSONValue) -> (String, String)? {
        switch value {
        case .null: nil
        case .bool: (value.serialized(), "BOOLEAN")
        case .int: (value.serialized(), "BIGINT")
        case .decimal: (value.serialized(), "DOUBLE")
        case .string(let text): (text, "VARCHAR")
        case .array, .object: (value.serialized(), "VARCHAR")
        }
    }
}

/// Where Timestream wants to be written to: it says so itself (DescribeEndpoints), for a time.
final class TimestreamEndpoint: Sendable {
    /// How long what was not found out is not asked again: after no answer, and where the operation is not known.
    private static let pauseAfterFailure = Duration.seconds(60)
    private static let pauseWithoutOperation = Duration.seconds(3600)

    private struct Known {
        let address: String?
        let until: ContinuousClock.Instant
    }

    private let services: ActionServices
    private let known = Mutex<Known?>(nil)

    init(services: ActionServices) { self.services = services }

    /// Nil for the service's usual host: also where DescribeEndpoints does not work, as with a stand-in for AWS.
    func address(for item: ActionItem) async -> String? {
        let now = ContinuousClock.now
        if let known = self.known.withLock({ $0 }), known.until > now { return known.address }
        let found = await self.ask(for: item, now)
        self.known.withLock { $0 = found }
        return found.address
    }

    private func ask(for item: ActionItem, _ now: ContinuousClock.Instant) async -> Known {
        do throws(ServiceFailure) {
            let answer = try await self.services.call(
                .json("timestream", prefix: "Timestream_20181101", "DescribeEndpoints", version: "1.0", [:]), for: item)
            let endpoint = (try? JSONValue(parsing: answer.body.readableBytesView))?["Endpoints"]?.arrayValue?.first
            guard let endpoint, let host = endpoint["Address"]?.stringValue else {
                return Known(address: nil, until: now + Self.pauseAfterFailure)
            }
            let minutes = min(max(endpoint["CachePeriodInMinutes"]?.intValue ?? 1, 1), 24 * 60)
            return Known(address: "https://\(host)", until: now + .seconds(60 * minutes))
        } catch {
            let isUnknown = error.refusal?.name == "UnknownOperationException"
            return Known(address: nil, until: now + (isUnknown ? Self.pauseWithoutOperation : Self.pauseAfterFailure))
        }
    }
}
