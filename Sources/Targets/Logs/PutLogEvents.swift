import AWSAPI
import JSON
import Storage

/// `PutLogEvents`. Sequence tokens are not looked at, as in AWS.
struct PutLogEvents: AWSOperation {
    static let route = OperationRoute(.logs, "PutLogEvents")
    static let maxEvents = 10_000
    static let maxBytes = 1_048_576
    static let bytesPerEvent = 26
    static let day: Int64 = 24 * 3600 * 1000
    /// Older events are left out, and those that lie further in the future.
    static let maxAge = 14 * day
    static let maxFuture: Int64 = 2 * 3600 * 1000

    struct Event: Sendable {
        let time: Int64
        let message: String
    }

    struct Input: OperationDecodable {
        let group: String
        let stream: String
        let events: [Event]

        init(_ input: OperationInput) throws {
            self.group = try input.string("logGroupName", max: 512, pattern: LogsService.groupName)
            self.stream = try input.string("logStreamName", max: 512, pattern: LogsService.streamName)
            var bytes = 0
            let list = try input.optionalArray("logEvents", maxCount: PutLogEvents.maxEvents) ?? []
            guard !list.isEmpty else { throw LogsService.invalid("1 validation error detected: logEvents has to hold at least one event.") }
            self.events = try list.map { value in
                guard let time = value["timestamp"]?.intValue, time >= 0, let message = value["message"]?.stringValue, !message.isEmpty
                else {
                    throw LogsService.invalid("An event has a timestamp in milliseconds, and a message that is not empty.")
                }
                bytes += message.utf8.count + PutLogEvents.bytesPerEvent
                return Event(time: time, message: message)
            }
            guard bytes <= PutLogEvents.maxBytes else {
                throw LogsService.invalid("Upload too large: \(bytes) bytes exceeds limit of \(PutLogEvents.maxBytes)")
            }
            guard zip(self.events, self.events.dropFirst()).allSatisfy({ $0.time <= $1.time }) else {
                throw LogsService.invalid("Log events in a single PutLogEvents request must be in chronological order.")
            }
            guard (self.events.last?.time ?? 0) - (self.events.first?.time ?? 0) <= PutLogEvents.day else {
                throw LogsService.invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
            }
        }
    }

    let logs: LogsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.logs.clock()
        let old = input.events.prefix { $0.time < now - Self.maxAge }.count
        let new = input.events.reversed().prefix { $0.time > now + Self.maxFuture }.count
        let taken = input.events.dropFirst(old).dropLast(min(new, input.events.count - old))
        let records = taken.map {
            TargetRecord(key: input.stream, time: $0.time, attributes: ["ingestionTime": .int(now)], body: Array($0.message.utf8))
        }
        try await self.logs.target.store.write { connection in
            let log = self.logs.target.log(connection)
            guard try log.entry(input.group) != nil else { throw LogsService.noGroup() }
            let streams = self.logs.streams(connection)
            guard try streams.find(input.stream, in: input.group) != nil else { throw LogsService.noStream() }
            guard let first = records.first, let last = records.last else { return }
            try log.append(records, to: input.group)
            try streams.wrote(input.stream, in: input.group, first: first.time, last: last.time, at: now)
        }
        var rejected: JSONObject = [:]
        if old > 0 { rejected["tooOldLogEventEndIndex"] = JSONValue(old) }
        if new > 0 { rejected["tooNewLogEventStartIndex"] = JSONValue(input.events.count - new) }
        return rejected.isEmpty ? [:] : ["rejectedLogEventsInfo": .object(rejected)]
    }
}
