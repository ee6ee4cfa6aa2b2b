import AWSAPI
import JSON
import Storage

/// `CreateLogGroup`.
struct CreateLogGroup: AWSOperation {
    static let route = OperationRoute(.logs, "CreateLogGroup")

    struct Input: OperationDecodable {
        let group: String

        init(_ input: OperationInput) throws {
            self.group = try input.string("logGroupName", max: 512, pattern: LogsService.groupName)
            _ = try input.optionalWord("logGroupClass", of: ["STANDARD"])
            for name in ["kmsKeyId", "tags", "deletionProtectionEnabled"] where try input.value(name) != nil {
                throw LogsService.invalid("\(name) is not supported by Roost.")
            }
        }
    }

    let logs: LogsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let now = self.logs.clock()
        try await self.logs.target.store.write { connection in
            let log = self.logs.target.log(connection)
            guard try log.entry(input.group) == nil else { throw LogsService.exists("log group") }
            guard try log.create(input.group, kind: LogsService.kind, at: now) else { throw LogsService.full("log groups") }
        }
        return EmptyOutput()
    }
}

/// `DeleteLogGroup`, with its streams and events.
struct DeleteLogGroup: AWSOperation {
    static let route = OperationRoute(.logs, "DeleteLogGroup")

    struct Input: OperationDecodable {
        let group: String

        init(_ input: OperationInput) throws {
            self.group = try input.string("logGroupName", max: 512, pattern: LogsService.groupName)
        }
    }

    let logs: LogsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.logs.target.store.write { connection in
            guard try self.logs.target.log(connection).delete(input.group) else { throw LogsService.noGroup() }
            try self.logs.streams(connection).deleteAll(in: input.group)
        }
        return EmptyOutput()
    }
}

/// `DescribeLogGroups`.
struct DescribeLogGroups: AWSOperation {
    static let route = OperationRoute(.logs, "DescribeLogGroups")

    struct Input: OperationDecodable {
        let prefix: String?
        let pattern: String?
        let limit: Int
        let nextToken: String?

        init(_ input: OperationInput) throws {
            self.prefix = try input.optionalString("logGroupNamePrefix", max: 512)
            self.pattern = try input.optionalString("logGroupNamePattern", max: 512)
            self.limit = try input.optionalInt("limit", range: 1...50) ?? 50
            self.nextToken = try input.optionalString("nextToken")
            if try input.value("logGroupIdentifiers") != nil { throw LogsService.invalid("logGroupIdentifiers is not supported by Roost.") }
        }

        func takes(_ name: String) -> Bool {
            name.hasPrefix(self.prefix ?? "") && (self.pattern.map { name.lowercased().contains($0.lowercased()) } ?? true)
        }
    }

    let logs: LogsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.prefix, input.pattern]
        let after = try context.pages.position(in: input.nextToken, query: query)
        let entries = try await self.logs.target.store.read { try self.logs.target.log($0).entries() }
        let found = entries.filter { input.takes($0.name) && (after == nil || $0.name > after ?? "") }
        let page = found.prefix(input.limit)
        var answer: JSONObject = [
            "logGroups": .array(
                page.map { entry in
                    let arn = self.logs.groupARN(entry.name)
                    return [
                        "logGroupName": .string(entry.name), "creationTime": .int(entry.createdAt), "metricFilterCount": 0,
                        "arn": .string(arn + ":*"), "logGroupArn": .string(arn), "storedBytes": JSONValue(entry.bytes),
                        "logGroupClass": "STANDARD",
                    ]
                })
        ]
        if found.count > page.count, let last = page.last {
            answer["nextToken"] = .string(context.pages.token(after: last.name, query: query))
        }
        return answer
    }
}
