import AWSAPI
import JSON
import Storage

/// `CreateLogStream`. A rule makes the group too.
struct CreateLogStream: AWSOperation {
    static let route = OperationRoute(.logs, "CreateLogStream")

    struct Input: OperationDecodable {
        let group: String
        let stream: String

        init(_ input: OperationInput) throws {
            self.group = try input.string("logGroupName", max: 512, pattern: LogsService.groupName)
            self.stream = try input.string("logStreamName", max: 512, pattern: LogsService.streamName)
        }
    }

    let logs: LogsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let now = self.logs.clock()
        let caller = context.caller
        try await self.logs.target.store.write { connection in
            try self.logs.target.log(connection).require(
                input.group, kind: LogsService.kind, for: caller, at: now, missing: LogsService.noGroup(),
                full: LogsService.full("log groups"))
            let streams = self.logs.streams(connection)
            guard try streams.find(input.stream, in: input.group) == nil else { throw LogsService.exists("log stream") }
            try streams.create(input.stream, in: input.group, at: now)
        }
        return EmptyOutput()
    }
}

/// `DescribeLogStreams`.
struct DescribeLogStreams: AWSOperation {
    static let route = OperationRoute(.logs, "DescribeLogStreams")

    struct Input: OperationDecodable {
        let group: String
        let prefix: String?
        let isByTime: Bool
        let isDescending: Bool
        let limit: Int
        let nextToken: String?

        init(_ input: OperationInput) throws {
            self.group = try LogGroupInput.name(input)
            self.prefix = try input.optionalString("logStreamNamePrefix", max: 512)
            self.isByTime = try input.optionalWord("orderBy", of: ["LogStreamName", "LastEventTime"]) == "LastEventTime"
            self.isDescending = try input.bool("descending")
            self.limit = try input.optionalInt("limit", range: 1...50) ?? 50
            self.nextToken = try input.optionalString("nextToken")
            if self.isByTime, self.prefix != nil {
                throw LogsService.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
            }
        }
    }

    let logs: LogsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.group, input.prefix, String(input.isByTime), String(input.isDescending)]
        let from = try context.pages.position(in: input.nextToken, query: query).flatMap { Int($0) } ?? 0
        let all = try await self.logs.target.store.read { connection -> [StoredLogStream] in
            guard try self.logs.target.log(connection).entry(input.group) != nil else { throw LogsService.noGroup() }
            return try self.logs.streams(connection).all(in: input.group)
        }
        var found = all.filter { $0.name.hasPrefix(input.prefix ?? "") }
        if input.isByTime { found.sort { ($0.lastAt ?? 0, $0.name) < ($1.lastAt ?? 0, $1.name) } }
        if input.isDescending { found.reverse() }
        let page = found.dropFirst(from).prefix(input.limit)
        var answer: JSONObject = ["logStreams": .array(page.map { .object(self.described($0, in: input.group)) })]
        if from + page.count < found.count {
            answer["nextToken"] = .string(context.pages.token(after: String(from + page.count), query: query))
        }
        return answer
    }

    private func described(_ stream: StoredLogStream, in group: String) -> JSONObject {
        var object: JSONObject = [
            "logStreamName": .string(stream.name), "creationTime": .int(stream.createdAt),
            "arn": .string(self.logs.groupARN(group) + ":log-stream:\(stream.name)"), "storedBytes": 0,
        ]
        if let time = stream.firstAt { object["firstEventTimestamp"] = .int(time) }
        if let time = stream.lastAt { object["lastEventTimestamp"] = .int(time) }
        if let time = stream.ingestedAt { object["lastIngestionTime"] = .int(time) }
        return object
    }
}
