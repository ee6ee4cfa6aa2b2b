import AWSAPI
import Foundation
import JSON
import NIOCore

/// `cloudwatchLogs`: writes the result to a log group (CloudWatch Logs PutLogEvents), in a stream of the rule and the day.
struct CloudwatchLogsAction: RuleAction {
    static let key = "cloudwatchLogs"
    static let failureName = "CloudwatchLogsAction"

    private let group: SubstitutionTemplate
    private let isBatch: Bool
    private let services: ActionServices
    let resource: String
    let batchLimit = 256

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("logGroupName")
        self.group = try fields.template("logGroupName")
        self.isBatch = try fields.input.bool("batchMode")
        self.services = fields.services
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items, prepare: { (try await $0.text(self.group), try self.events(of: $0)) }) { group, members in
            var failures: [Int: ActionOutcome] = [:]
            guard let first = members.first else { return [] }
            for call in LogCall.calls(members.map { ($0.place, $0.entry) }) {
                for (place, outcome) in await self.put(call, to: group, for: first.item) { failures[place] = outcome }
            }
            return members.map { failures[$0.place] ?? .done }
        }
    }

    /// What a result has to say: itself now, or in batch mode the records that it lists.
    private func events(of item: ActionItem) throws(ActionProblem) -> [LogEvent] {
        guard self.isBatch else {
            let text = String(decoding: item.bytes, as: UTF8.self)
            guard !text.isEmpty else { throw ActionProblem("The result is empty, which no log event can be.") }
            return [LogEvent(time: item.invocation.message.sql.timestampMilliseconds, message: text)]
        }
        guard case .json(.array(let elements)) = item.output.body else {
            throw ActionProblem("The result is not an array of objects with timestamp and message, which batchMode takes.")
        }
        var events: [LogEvent] = []
        for element in elements {
            guard let time = element["timestamp"]?.intValue, time >= 0, let message = element["message"] else {
                throw ActionProblem("An element of the result has no timestamp in milliseconds, or no message.")
            }
            let text = message.stringValue ?? message.serialized()
            guard !text.isEmpty else { throw ActionProblem("An element of the result has an empty message.") }
            events.append(LogEvent(time: time, message: text))
        }
        return events
    }

    /// - Returns: the failures, by the places of the results.
    private func put(_ call: LogCall, to group: String, for item: ActionItem) async -> [Int: ActionOutcome] {
        let stream = Self.streamName(rule: item.invocation.rule.definition.name, at: Date())
        let request = ServiceRequest.json(
            "logs", prefix: "Logs_20140328", "PutLogEvents",
            [
                "logGroupName": .string(group), "logStreamName": .string(stream),
                "logEvents": .array(call.events.map { ["timestamp": .int($0.event.time), "message": .string($0.event.message)] }),
            ])
        do throws(ServiceFailure) {
            let answer: APIResponse
            do throws(ServiceFailure) {
                answer = try await self.services.call(request, for: item)
            } catch  where error.refusal?.name == "ResourceNotFoundException" {
                try await self.createStream(stream, in: group, for: item)
                answer = try await self.services.call(request, for: item)
            }
            return call.rejected(try? JSONValue(parsing: answer.body.readableBytesView))
        } catch {
            return Dictionary(call.events.map { ($0.place, error.outcome) }) { first, _ in first }
        }
    }

    /// The group has to be there.
    private func createStream(_ stream: String, in group: String, for item: ActionItem) async throws(ServiceFailure) {
        do {
            _ = try await self.services.call(
                .json(
                    "logs", prefix: "Logs_20140328", "CreateLogStream",
                    ["logGroupName": .string(group), "logStreamName": .string(stream)]), for: item)
        } catch {
            guard error.refusal?.name == "ResourceAlreadyExistsException" else { throw error }
        }
    }

    /// `RULE_2026-01-31`, by UTC: a stream ends with its day, as retention deletes streams, not parts of them.
    static func streamName(rule: String, at date: Date) -> String {
        "\(rule)_\(date.formatted(.iso8601.year().month().day()))"
    }
}

struct LogEvent: Sendable, Hashable {
    /// Milliseconds since 1970.
    let time: Int64
    let message: String
}

/// The events of one PutLogEvents, in the order of their times, with the places of the results that they came from.
struct LogCall {
    static let maxEvents = 10_000
    /// Of all messages in UTF-8, with 26 for each event.
    static let maxBytes = 1_048_576
    static let bytesPerEvent = 26
    /// Between the first event and the last.
    static let maxSpanMilliseconds: Int64 = 24 * 3600 * 1000

    struct Placed {
        let event: LogEvent
        let place: Int
    }

    private(set) var events: [Placed] = []
    private var bytes = 0

    /// As few calls as the service's limits allow.
    static func calls(_ results: [(place: Int, events: [LogEvent])]) -> [LogCall] {
        let placed = results.flatMap { result in result.events.map { Placed(event: $0, place: result.place) } }
        var calls: [LogCall] = []
        for event in placed.sorted(by: { $0.event.time < $1.event.time }) {
            if calls.isEmpty || !calls[calls.count - 1].takes(event.event) { calls.append(LogCall()) }
            calls[calls.count - 1].events.append(event)
            calls[calls.count - 1].bytes += Self.size(of: event.event)
        }
        return calls
    }

    private static func size(of event: LogEvent) -> Int { event.message.utf8.count + Self.bytesPerEvent }

    private func takes(_ event: LogEvent) -> Bool {
        guard let first = self.events.first else { return true }
        return self.events.count < Self.maxEvents && self.bytes + Self.size(of: event) <= Self.maxBytes
            && event.time - first.event.time <= Self.maxSpanMilliseconds
    }

    /// What the service left out for its time (`rejectedLogEventsInfo`), by the places of the results.
    func rejected(_ answer: JSONValue?) -> [Int: ActionOutcome] {
        guard let info = answer?["rejectedLogEventsInfo"] else { return [:] }
        let ends = [info["tooOldLogEventEndIndex"]?.intValue, info["expiredLogEventEndIndex"]?.intValue].compactMap { $0 }
        let start = info["tooNewLogEventStartIndex"]?.intValue ?? Int64(self.events.count)
        var failures: [Int: ActionOutcome] = [:]
        for (i, placed) in self.events.enumerated() where Int64(i) < ends.max() ?? 0 || Int64(i) >= start {
            failures[placed.place] = .failed(
                "logs rejected an event for its time, \(placed.event.time): it is too old, or too far in the future.", mayRetry: false)
        }
        return failures
    }
}
