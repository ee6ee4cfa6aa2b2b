package import AWSAPI
import Foundation
import JSON

extension AWSService {
    /// What this server offers beside AWS's services: the contents of its embedded targets.
    package static let roost = AWSService(name: "roost", signingNames: ["roost"])
}

/// `GET /targets`: the queues, tables and buckets that this server holds.
struct ListTargets: AWSOperation {
    static let route = OperationRoute(.roost, "ListTargets", "GET", "/targets")

    struct Input: OperationDecodable {
        /// Nil for all.
        let service: String?

        init(_ input: OperationInput) throws { self.service = try input.optionalString("service", in: .query) }
    }

    let targets: TargetsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let asked = try input.service.map { [try self.targets.target($0)] } ?? self.targets.targets
        var found: [JSONValue] = []
        for target in asked {
            for item in try await target.contents() {
                found.append(
                    .object([
                        "service": .string(target.service), "name": .string(item.name), "kind": .string(item.kind),
                        "records": .int(Int64(item.records)), "bytes": .int(Int64(item.bytes)),
                    ]))
            }
        }
        return ["targets": .array(found)]
    }
}

/// `GET /targets/{service}/records?name=&after=&limit=`: the newest records of one target, the oldest of them first.
struct ListTargetRecords: AWSOperation {
    static let route = OperationRoute(.roost, "ListTargetRecords", "GET", "/targets/{service}/records")
    static let defaultLimit = 10

    struct Input: OperationDecodable {
        let service: String
        let name: String
        let after: Int64?
        let limit: Int

        init(_ input: OperationInput) throws {
            self.service = try input.string("service", in: .label)
            self.name = try input.string("name", in: .query)
            self.after = try input.optionalInt("after", in: .query).map(Int64.init)
            self.limit = try input.optionalInt("limit", in: .query, range: 1...TargetLimits.maxPage) ?? ListTargetRecords.defaultLimit
        }
    }

    let targets: TargetsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let target = try self.targets.target(input.service)
        guard let records = try await target.records(of: input.name, after: input.after, limit: input.limit) else {
            throw AWSError.resourceNotFound("There is no \(input.name) in \(input.service).")
        }
        return ["records": .array(records.map { .object($0.described) })]
    }
}

/// `GET /targets/{service}/record?name=&key=`: the newest record with a key.
struct GetTargetRecord: AWSOperation {
    static let route = OperationRoute(.roost, "GetTargetRecord", "GET", "/targets/{service}/record")

    struct Input: OperationDecodable {
        let service: String
        let name: String
        let key: String

        init(_ input: OperationInput) throws {
            self.service = try input.string("service", in: .label)
            self.name = try input.string("name", in: .query)
            self.key = try input.string("key", in: .query)
        }
    }

    let targets: TargetsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        guard let record = try await self.targets.target(input.service).record(of: input.name, key: input.key) else {
            throw AWSError.resourceNotFound("There is no record \(input.key) in \(input.name) of \(input.service).")
        }
        return record.described
    }
}

extension TargetRecord {
    /// The content as text where it is UTF-8, else as base64.
    fileprivate var described: JSONObject {
        var object: JSONObject = [
            "position": .int(self.position), "key": .string(self.key), "time": .int(self.time), "attributes": .object(self.attributes),
        ]
        if let text = String(validating: self.body, as: UTF8.self) {
            object["body"] = .string(text)
        } else {
            object["bodyBase64"] = .string(Data(self.body).base64EncodedString())
        }
        return object
    }
}
