import AWSAPI
import Foundation
import JSON
import NIOCore

/// `sqs`: sends the result to a queue (SQS SendMessage, SendMessageBatch).
struct SQSAction: RuleAction {
    static let key = "sqs"
    static let failureName = "SqsAction"
    static let maxEntries = 10
    /// Bytes of all bodies of one call.
    static let maxBatchBytes = 1 << 20

    private let queue: SubstitutionTemplate
    private let isBase64: Bool
    private let services: ActionServices
    let resource: String
    let batchLimit = Self.maxEntries

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("queueUrl")
        self.queue = try fields.template("queueUrl")
        self.isBase64 = try fields.input.bool("useBase64")
        self.services = fields.services
        if self.queue.isConstant {
            do throws(ActionProblem) { try Self.check(self.resource) } catch { throw .invalidRequest("\(error)") }
        }
    }

    static func check(_ queue: String) throws(ActionProblem) {
        guard queue.hasPrefix("https://") || queue.hasPrefix("http://"), queue.split(separator: "/").count > 2 else {
            throw ActionProblem(
                "queueUrl: \"\(queue.prefix(256))\" is not the URL of a queue, such as https://sqs.REGION.amazonaws.com/ACCOUNT/NAME.")
        }
        guard !queue.hasSuffix(".fifo") else {
            throw ActionProblem("queueUrl: \(queue.prefix(256)) is a FIFO queue, which the action sqs does not send to.")
        }
    }

    /// The region that AWS's own hosts have in their names.
    static func region(of queue: String) -> String? {
        guard let host = queue.split(separator: "/").dropFirst().first else { return nil }
        let labels = host.split(separator: ".")
        return labels.first == "sqs" && labels.count > 3 && labels[2] == "amazonaws" ? String(labels[1]) : nil
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items) { item in
            let queue = try await item.text(self.queue)
            try Self.check(queue)
            return (queue, try self.body(item))
        } send: { queue, members in
            await ActionBatch.sendParts(members, maxCount: Self.maxEntries, maxBytes: Self.maxBatchBytes, size: \.utf8.count) { part in
                await self.send(part, to: queue)
            }
        }
    }

    private func body(_ item: ActionItem) throws(ActionProblem) -> String {
        guard !item.bytes.isEmpty else { throw ActionProblem("The result is empty, and SQS takes no message without a body.") }
        if self.isBase64 { return Data(item.bytes).base64EncodedString() }
        return try item.utf8(for: "SQS", advice: "Set useBase64 in the action, or use encode() in the statement.")
    }

    private func send(_ members: [BatchMember<String>], to queue: String) async -> [ActionOutcome] {
        guard let first = members.first else { return [] }
        do throws(ServiceFailure) {
            guard members.count > 1 else {
                _ = try await self.call("SendMessage", queue, ["MessageBody": .string(first.entry)], for: first.item)
                return [.done]
            }
            let entries = members.enumerated().map {
                JSONValue.object(["Id": .string("\($0.offset)"), "MessageBody": .string($0.element.entry)])
            }
            let answer = try await self.call("SendMessageBatch", queue, ["Entries": .array(entries)], for: first.item)
            return Self.outcomes(of: members.count, answer)
        } catch {
            return members.map { _ in error.outcome }
        }
    }

    private func call(
        _ operation: String, _ queue: String, _ members: JSONObject, for item: ActionItem
    ) async throws(ServiceFailure) -> JSONValue? {
        var body: JSONObject = ["QueueUrl": .string(queue)]
        for (key, value) in members { body[key] = value }
        var request = ServiceRequest.json("sqs", prefix: "AmazonSQS", operation, version: "1.0", body)
        request.region = Self.region(of: queue)
        let answer = try await self.services.call(request, for: item)
        return try? JSONValue(parsing: answer.body.readableBytesView)
    }

    /// Entries were called by their place.
    static func outcomes(of count: Int, _ answer: JSONValue?) -> [ActionOutcome] {
        var outcomes = [ActionOutcome](repeating: .failed("SQS did not say whether it took the message.", mayRetry: true), count: count)
        for entry in answer?["Successful"]?.arrayValue ?? [] {
            if let place = entry["Id"]?.stringValue.flatMap({ Int($0) }), outcomes.indices.contains(place) { outcomes[place] = .done }
        }
        for entry in answer?["Failed"]?.arrayValue ?? [] {
            guard let place = entry["Id"]?.stringValue.flatMap({ Int($0) }), outcomes.indices.contains(place) else { continue }
            let isOurs = entry["SenderFault"]?.boolValue ?? true
            let reason = "\(entry["Code"]?.stringValue ?? "no code"): \(entry["Message"]?.stringValue ?? "")"
            outcomes[place] = .failed("SQS did not take the message (\(reason)).", mayRetry: !isOurs)
        }
        return outcomes
    }
}
