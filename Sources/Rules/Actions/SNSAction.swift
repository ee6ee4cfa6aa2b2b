import AWSAPI
import JSON
import NIOCore

/// `sns`: publishes the result to a topic, or to one endpoint of a device (SNS Publish, PublishBatch).
struct SNSAction: RuleAction {
    static let key = "sns"
    static let failureName = "SnsAction"
    static let version = "2010-03-31"
    static let maxEntries = 10
    /// Bytes of all messages of one call.
    static let maxBatchBytes = 256 << 10

    private let target: SubstitutionTemplate
    /// Whether the result is an object with a text for each kind of subscriber.
    private let isStructured: Bool
    private let services: ActionServices
    let resource: String
    let batchLimit = Self.maxEntries

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("targetArn")
        self.target = try fields.template("targetArn")
        self.isStructured = try fields.input.optionalWord("messageFormat", of: ["RAW", "JSON"]) == "JSON"
        self.services = fields.services
        if self.target.isConstant {
            do throws(ActionProblem) { _ = try Self.region(of: self.resource) } catch { throw .invalidRequest("\(error)") }
        }
    }

    /// The region in an ARN that a rule may publish to.
    static func region(of target: String) throws(ActionProblem) -> String {
        let parts = target.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "sns", !parts[3].isEmpty, !parts[5].isEmpty else {
            throw ActionProblem("targetArn: \"\(target.prefix(256))\" is not the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME.")
        }
        guard !target.hasSuffix(".fifo") else {
            throw ActionProblem("targetArn: \(target.prefix(256)) is a FIFO topic, which the action sns does not publish to.")
        }
        return String(parts[3])
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items) { item in
            let target = try await item.text(self.target)
            _ = try Self.region(of: target)
            return (target, try self.message(item))
        } send: { target, members in
            // An endpoint of a device has no batches.
            let maxEntries = target.contains(":endpoint/") ? 1 : Self.maxEntries
            return await ActionBatch.sendParts(members, maxCount: maxEntries, maxBytes: Self.maxBatchBytes, size: \.utf8.count) { part in
                await self.publish(part, to: target)
            }
        }
    }

    private func message(_ item: ActionItem) throws(ActionProblem) -> String {
        let text = try item.utf8(for: "SNS", advice: "Use encode() in the statement.")
        guard !text.isEmpty else { throw ActionProblem("The result is empty, and SNS takes no empty message.") }
        if self.isStructured {
            guard case .json(let value) = item.output.body, value["default"]?.stringValue != nil else {
                throw ActionProblem("With messageFormat JSON the result must be an object whose member default is a text.")
            }
        }
        return text
    }

    private func publish(_ members: [BatchMember<String>], to target: String) async -> [ActionOutcome] {
        guard let first = members.first else { return [] }
        do throws(ServiceFailure) {
            guard members.count > 1 else {
                let name = target.contains(":endpoint/") ? "TargetArn" : "TopicArn"
                _ = try await self.call("Publish", [QueryItem(name, target)] + self.parameters(first.entry), target, for: first.item)
                return [.done]
            }
            var parameters = [QueryItem("TopicArn", target)]
            for (i, member) in members.enumerated() {
                let entry = [QueryItem("Id", "\(i)")] + self.parameters(member.entry)
                parameters += entry.map { QueryItem("PublishBatchRequestEntries.member.\(i + 1).\($0.name)", $0.value) }
            }
            let answer = try await self.call("PublishBatch", parameters, target, for: first.item)
            return Self.outcomes(of: members.count, String(buffer: answer.body))
        } catch {
            return members.map { _ in error.outcome }
        }
    }

    private func parameters(_ message: String) -> [QueryItem] {
        [QueryItem("Message", message)] + (self.isStructured ? [QueryItem("MessageStructure", "json")] : [])
    }

    private func call(
        _ operation: String, _ parameters: [QueryItem], _ target: String, for item: ActionItem
    ) async throws(ServiceFailure) -> APIResponse {
        var request = ServiceRequest.query("sns", operation, version: Self.version, parameters)
        request.region = try? Self.region(of: target)
        return try await self.services.call(request, for: item)
    }

    /// Entries were called by their place.
    static func outcomes(of count: Int, _ answer: String) -> [ActionOutcome] {
        var outcomes = [ActionOutcome](repeating: .failed("SNS did not say whether it took the message.", mayRetry: true), count: count)
        for entry in XMLText.contents(of: "member", in: XMLText.contents(of: "Successful", in: answer).first ?? "") {
            if let place = XMLText.content(of: "Id", in: entry).flatMap({ Int($0) }), outcomes.indices.contains(place) {
                outcomes[place] = .done
            }
        }
        for entry in XMLText.contents(of: "member", in: XMLText.contents(of: "Failed", in: answer).first ?? "") {
            guard let place = XMLText.content(of: "Id", in: entry).flatMap({ Int($0) }), outcomes.indices.contains(place) else { continue }
            let isOurs = XMLText.content(of: "SenderFault", in: entry) != "false"
            let reason = "\(XMLText.content(of: "Code", in: entry) ?? "no code"): \(XMLText.content(of: "Message", in: entry) ?? "")"
            outcomes[place] = .failed("SNS did not take the message (\(reason)).", mayRetry: !isOurs)
        }
        return outcomes
    }
}
