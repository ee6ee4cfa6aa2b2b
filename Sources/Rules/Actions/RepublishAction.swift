import AWSAPI
import Broker

/// `republish`: publishes the result on another topic (AWS IoT Developer Guide, rules). Rules see it as any message.
struct RepublishAction: RuleAction {
    static let key = "republish"
    static let failureName = "RepublishAction"

    private let topic: SubstitutionTemplate
    private let qos: UInt8
    private let headers: RepublishHeaders
    private let services: ActionServices
    let resource: String
    /// One at a time keeps the order in which the messages came.
    let concurrency = 1
    let batchLimit = 64

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("topic")
        self.topic = try fields.template("topic", unescapesDollar: true)
        self.qos = UInt8(try fields.input.optionalInt("qos", range: 0...1) ?? 0)
        self.headers = try RepublishHeaders(try fields.nested("headers"))
        self.services = fields.services
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        var outcomes: [ActionOutcome] = []
        for item in items { outcomes.append(await self.publish(item)) }
        return outcomes
    }

    private func publish(_ item: ActionItem) async -> ActionOutcome {
        let depth = item.invocation.message.depth + 1
        // The error action gets one step more, to tell of the loop.
        let limit = self.services.limits.maxRepublishDepth + (item.index == nil ? 1 : 0)
        guard depth <= limit else {
            return .failed(
                "The message was republished \(self.services.limits.maxRepublishDepth) times in a row: rules form a loop.",
                mayRetry: false)
        }
        do {
            let topic = try await item.text(self.topic)
            guard !self.services.broker.isReserved(topic) else {
                return .failed("The topic \(topic) is reserved: rules do not publish to it.", mayRetry: false)
            }
            var request = PublishRequest(topic: topic, payload: item.bytes, qos: self.qos)
            request.origin = MessageOrigin(principal: nil, address: nil, ruleDepth: depth)
            try await self.headers.apply(to: &request, item, self.services.broker.profile)
            try await self.services.broker.publish(request)
            return .done
        } catch {
            return .failed("\(error)", mayRetry: (error as? PublishError) == .notStored)
        }
    }
}
