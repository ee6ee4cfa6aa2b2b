import AWSAPI
import JSON
import Storage

/// The place of an event in the order of times, as tokens have it.
struct LogPosition: Sendable {
    let time: Int64
    let position: Int64

    var text: String { "\(self.time)/\(self.position)" }

    init(_ event: StoredLogEvent) { (self.time, self.position) = (event.time, event.position) }

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let time = Int64(parts[0]), let position = Int64(parts[1]) else { return nil }
        (self.time, self.position) = (time, position)
    }

    var pair: (time: Int64, position: Int64) { (self.time, self.position) }
}

/// Bytes of events that one answer holds.
private let maxAnswerBytes = 1 << 20

/// `GetLogEvents`: one stream's events, forward or back. The token of the end is the one that was given, as in AWS.
struct GetLogEvents: AWSOperation {
    static let route = OperationRoute(.logs, "GetLogEvents")

    struct Input: OperationDecodable {
        let group: String
        let stream: String
        let from: Int64
        let to: Int64
        let limit: Int
        let token: String?
        let isForward: Bool
        let position: LogPosition?

        init(_ input: OperationInput) throws {
            self.group = try LogGroupInput.name(input)
            self.stream = try input.string("logStreamName", max: 512, pattern: LogsService.streamName)
            self.from = Int64(try input.optionalInt("startTime", range: 0...Int.max) ?? 0)
            self.to = try input.optionalInt("endTime", range: 0...Int.max).map(Int64.init) ?? .max
            self.limit = try input.optionalInt("limit", range: 1...10_000) ?? 10_000
            self.token = try input.optionalString("nextToken")
            if let token = self.token {
                guard token.hasPrefix("f/") || token.hasPrefix("b/"), let position = LogPosition(token.dropFirst(2)) else {
                    throw LogsService.invalid("The specified nextToken is invalid.")
                }
                self.isForward = token.hasPrefix("f/")
                self.position = position
            } else {
                self.isForward = try input.bool("startFromHead")
                self.position = nil
            }
        }
    }

    let logs: LogsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let found = try await self.logs.target.store.read { connection -> [StoredLogEvent] in
            guard try self.logs.target.log(connection).entry(input.group) != nil else { throw LogsService.noGroup() }
            let streams = self.logs.streams(connection)
            guard try streams.find(input.stream, in: input.group) != nil else { throw LogsService.noStream() }
            var found: [StoredLogEvent] = []
            var bytes = 0
            try streams.forEachEvent(
                in: input.group, stream: input.stream, from: input.from, to: input.to, after: input.position?.pair,
                isDescending: !input.isForward
            ) { event in
                bytes += event.message.utf8.count
                found.append(event)
                return found.count < input.limit && bytes < maxAnswerBytes
            }
            return input.isForward ? found : found.reversed()
        }
        let start = found.first.map { LogPosition($0).text } ?? input.position?.text ?? "0/0"
        let end = found.last.map { LogPosition($0).text } ?? input.position?.text ?? "0/0"
        return [
            "events": .array(
                found.map { ["timestamp": .int($0.time), "message": .string($0.message), "ingestionTime": .int($0.ingestedAt)] }),
            "nextForwardToken": .string("f/\(end)"), "nextBackwardToken": .string("b/\(start)"),
        ]
    }
}

/// `FilterLogEvents`: the events of several streams, by time and by words.
struct FilterLogEvents: AWSOperation {
    static let route = OperationRoute(.logs, "FilterLogEvents")

    struct Input: OperationDecodable {
        let group: String
        let streams: Set<String>?
        let prefix: String?
        let from: Int64
        let to: Int64
        let pattern: LogFilter
        let limit: Int
        let nextToken: String?
        /// Of what makes a token another query's.
        let query: [String?]

        init(_ input: OperationInput) throws {
            self.group = try LogGroupInput.name(input)
            let names = try input.optionalStringList("logStreamNames", maxCount: 100)
            self.streams = names.map { Set($0) }
            self.prefix = try input.optionalString("logStreamNamePrefix", max: 512)
            if self.streams != nil, self.prefix != nil {
                throw LogsService.invalid("logStreamNames and logStreamNamePrefix cannot be given together.")
            }
            self.from = Int64(try input.optionalInt("startTime", range: 0...Int.max) ?? 0)
            let end = try input.optionalInt("endTime", range: 0...Int.max).map(Int64.init) ?? .max
            // The end is part of what this operation answers.
            self.to = end == .max ? end : end + 1
            let text = try input.optionalString("filterPattern", max: 1024) ?? ""
            self.pattern = try LogFilter(text)
            self.limit = try input.optionalInt("limit", range: 1...10_000) ?? 10_000
            self.nextToken = try input.optionalString("nextToken")
            self.query = [self.group, names?.joined(separator: "*"), self.prefix, String(self.from), String(self.to), text]
        }

        func takes(_ event: StoredLogEvent) -> Bool {
            (self.streams?.contains(event.stream) ?? true) && event.stream.hasPrefix(self.prefix ?? "")
                && self.pattern.matches(event.message)
        }
    }

    let logs: LogsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let after = try context.pages.position(in: input.nextToken, query: input.query).flatMap { LogPosition($0) }
        let (found, isMore) = try await self.logs.target.store.read { connection -> ([StoredLogEvent], Bool) in
            guard try self.logs.target.log(connection).entry(input.group) != nil else { throw LogsService.noGroup() }
            var found: [StoredLogEvent] = []
            var (bytes, isMore) = (0, false)
            try self.logs.streams(connection).forEachEvent(in: input.group, from: input.from, to: input.to, after: after?.pair) { event in
                guard input.takes(event) else { return true }
                guard found.count < input.limit, bytes < maxAnswerBytes else {
                    isMore = true
                    return false
                }
                bytes += event.message.utf8.count
                found.append(event)
                return true
            }
            return (found, isMore)
        }
        var answer: JSONObject = [
            "events": .array(
                found.map {
                    [
                        "logStreamName": .string($0.stream), "timestamp": .int($0.time), "message": .string($0.message),
                        "ingestionTime": .int($0.ingestedAt), "eventId": .string(String($0.position)),
                    ]
                }), "searchedLogStreams": [],
        ]
        if isMore, let last = found.last {
            answer["nextToken"] = .string(context.pages.token(after: LogPosition(last).text, query: input.query))
        }
        return answer
    }
}
