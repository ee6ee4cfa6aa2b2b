import Foundation
import JSON

/// A message with failed actions.
struct FailedInvocation: Sendable {
    let invocation: RuleInvocation
    let failures: [ActionFailure]
}

/// What a rule's error action is given: one message for all failed actions of one message, or of the messages of one batch (AWS IoT Developer Guide, rules).
struct ErrorReport: Sendable {
    struct Entry: Sendable {
        let message: SQLMessage
        let failures: [ActionFailure]
    }

    let rule: String
    /// At least one.
    let entries: [Entry]

    init(rule: String, _ entries: [Entry]) {
        self.rule = rule
        self.entries = entries
    }

    /// - Parameter failed: of one rule.
    init(_ failed: [FailedInvocation]) {
        self.init(
            rule: failed.first?.invocation.rule.definition.name ?? "",
            failed.map { Entry(message: $0.invocation.message.sql, failures: $0.failures) })
    }

    var output: SQLOutput { SQLOutput(body: .json(.object(self.object)), variables: .none) }

    private var object: JSONObject {
        let batches = self.entries.flatMap(\.failures).compactMap(\.batch)
        guard batches.isEmpty, let entry = self.entries.first else {
            return self.batchObject(acrossTopics: batches.contains(.acrossTopics))
        }
        var object: JSONObject = ["ruleName": .string(self.rule), "topic": .string(entry.message.topic)]
        for (key, value) in Self.metadata(entry.message) { object[key] = value }
        object["failures"] = .array(entry.failures.map { .object(Self.failure($0)) })
        return object
    }

    /// AWS's other form, for actions that gather messages.
    private func batchObject(acrossTopics: Bool) -> JSONObject {
        var object: JSONObject = ["ruleName": .string(self.rule)]
        if !acrossTopics, let topic = self.entries.first?.message.topic { object["topic"] = .string(topic) }
        object["payloadsWithMetadata"] = .array(
            self.entries.enumerated().map { place, entry in
                var payload: JSONObject = ["id": .int(Int64(place + 1))]
                if acrossTopics { payload["topic"] = .string(entry.message.topic) }
                for (key, value) in Self.metadata(entry.message) { payload[key] = value }
                return .object(payload)
            })
        object["failures"] = .array(self.failuresWithIDs)
        return object
    }

    /// Each failure once, with the messages that it is of.
    private var failuresWithIDs: [JSONValue] {
        var order: [ActionFailure] = []
        var ids: [ActionFailure: [JSONValue]] = [:]
        for (place, entry) in self.entries.enumerated() {
            for failure in entry.failures {
                if ids[failure] == nil { order.append(failure) }
                ids[failure, default: []].append(.int(Int64(place + 1)))
            }
        }
        return order.map { failure in
            var object = Self.failure(failure)
            object["affectedIds"] = .array(ids[failure] ?? [])
            return .object(object)
        }
    }

    private static func failure(_ failure: ActionFailure) -> JSONObject {
        [
            "failedAction": .string(failure.action), "failedResource": .string(failure.resource),
            "errorMessage": .string(failure.message),
        ]
    }

    private static func metadata(_ message: SQLMessage) -> JSONObject {
        var object: JSONObject = [
            "cloudwatchTraceId": .string(message.traceID ?? ""), "clientId": .string(message.clientID ?? "N/A"),
            "base64OriginalPayload": .string(Data(message.payload).base64EncodedString()),
        ]
        if let address = message.sourceIP { object["sourceIp"] = .string(address) }
        return object
    }
}
