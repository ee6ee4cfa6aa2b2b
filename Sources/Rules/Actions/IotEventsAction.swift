import AWSAPI
import Foundation
import HTTPTypes
import JSON
import NIOCore

/// `iotEvents`: sends the result to an input of detectors (IoT Events BatchPutMessage).
struct IotEventsAction: RuleAction {
    static let key = "iotEvents"
    static let failureName = "IotEventsAction"
    /// Messages that BatchPutMessage takes in one call, and elements of a result in batch mode.
    static let maxMessages = 10
    static let maxNameCharacters = 128

    private let input: SubstitutionTemplate
    private let messageID: SubstitutionTemplate?
    private let isBatch: Bool
    private let services: ActionServices
    let resource: String
    let batchLimit: Int

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("inputName", max: Self.maxNameCharacters)
        self.input = try fields.template("inputName")
        _ = try fields.input.optionalString("messageId", max: Self.maxNameCharacters)
        self.messageID = try fields.optionalTemplate("messageId")
        self.isBatch = try fields.input.bool("batchMode")
        self.services = fields.services
        self.batchLimit = self.isBatch ? 1 : Self.maxMessages
        if self.isBatch, self.messageID != nil {
            throw .invalidRequest("messageId cannot be given with batchMode: each element of the result gets an id of its own.")
        }
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items, prepare: { (0, try await self.messages(of: $0)) }) { _, members in
            var outcomes: [ActionOutcome] = []
            // Within one call ids are unique: messages that share one go in calls of their own.
            let ids = members.flatMap { $0.entry.map(\.id) }
            let parts = Set(ids).count == ids.count ? [members] : members.map { [$0] }
            for part in parts { outcomes += await self.put(part) }
            return outcomes
        }
    }

    private struct Message: Sendable {
        let id: String
        let body: JSONValue
    }

    private func messages(of item: ActionItem) async throws -> [Message] {
        let input = try await item.text(self.input)
        let id = try await item.text(self.messageID)
        var payloads = [item.bytes]
        if self.isBatch, case .json(.array(let elements)) = item.output.body {
            guard elements.count <= Self.maxMessages else {
                throw ActionProblem("The result has \(elements.count) elements; IoT Events takes \(Self.maxMessages) at a time.")
            }
            payloads = elements.map { $0.serializedBytes() }
        }
        return payloads.map { payload in
            let own = id.flatMap { $0.isEmpty ? nil : $0 } ?? UUID().uuidString.lowercased()
            return Message(
                id: own,
                body: [
                    "messageId": .string(own), "inputName": .string(input), "payload": .string(Data(payload).base64EncodedString()),
                ])
        }
    }

    private func put(_ members: [BatchMember<[Message]>]) async -> [ActionOutcome] {
        let messages = members.flatMap(\.entry)
        guard let first = members.first, !messages.isEmpty else { return members.map { _ in .done } }
        var request = ServiceRequest(service: "ioteventsdata", operation: "BatchPutMessage")
        request.target = "/inputs/messages"
        request.headers[.contentType] = "application/json"
        request.body = ByteBuffer(bytes: JSONValue.object(["messages": .array(messages.map(\.body))]).serializedBytes())
        do throws(ServiceFailure) {
            let answer = try await self.services.call(request, for: first.item)
            let failures = Self.failures(answer)
            return members.map { member in member.entry.lazy.compactMap { failures[$0.id] }.first ?? .done }
        } catch {
            return members.map { _ in error.outcome }
        }
    }

    /// What was not taken, by the message's id.
    private static func failures(_ answer: APIResponse) -> [String: ActionOutcome] {
        let entries = (try? JSONValue(parsing: answer.body.readableBytesView))?["BatchPutMessageErrorEntries"]?.arrayValue ?? []
        var failures: [String: ActionOutcome] = [:]
        for entry in entries {
            guard let id = entry["messageId"]?.stringValue else { continue }
            let error = AWSError(
                name: entry["errorCode"]?.stringValue ?? "", status: 400, message: entry["errorMessage"]?.stringValue ?? "")
            let mayRetry = error.isTransient || error.name == "InternalFailureException"
            failures[id] = .failed("ioteventsdata did not take the message \(id): \(error)", mayRetry: mayRetry)
        }
        return failures
    }
}
