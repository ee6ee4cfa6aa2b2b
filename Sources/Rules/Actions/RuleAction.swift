import AWSAPI
import JSON

/// One action of a rule: where its results go. One type for each member of the API's `Action` (AWS IoT Developer Guide, rules).
///
/// An action is made from its fields once, when the rule is made or loaded; what is wrong with them is told then.
protocol RuleAction: Sendable {
    /// The member of `Action` that holds its fields ("republish").
    static var key: String { get }
    /// How the error action's payload names it ("RepublishAction").
    static var failureName: String { get }

    /// - Throws: InvalidRequestException that names the field.
    init(_ fields: ActionFields) throws(AWSError)

    /// What it acts on, in failures and logs: a topic, a bucket, a queue's URL.
    var resource: String { get }
    /// Most messages that one call of ``deliver(_:)`` takes.
    var batchLimit: Int { get }
    /// Calls of ``deliver(_:)`` that may be under way at one time.
    var concurrency: Int { get }
    /// Tries of one message, the first included; nil for the engine's own.
    var maxAttempts: Int? { get }
    /// How results are gathered before a call; nil delivers at once what is there.
    var batching: ActionBatching? { get }
    /// Confirmation URLs of the destinations that it needs; those that are not there are made with the rule.
    var destinationURLs: [String] { get }

    /// Hands results over. Returns an outcome for each of them, in their order.
    func deliver(_ items: [ActionItem]) async -> [ActionOutcome]
}

extension RuleAction {
    var batchLimit: Int { 1 }
    var concurrency: Int { 4 }
    var maxAttempts: Int? { nil }
    var batching: ActionBatching? { nil }
    var destinationURLs: [String] { [] }
}

/// How the delivery of one result went.
enum ActionOutcome: Sendable, Equatable {
    case done
    /// It did not work; with `mayRetry` the same may work later.
    case failed(String, mayRetry: Bool)
}

/// One result on its way through one action.
struct ActionItem: Sendable {
    let invocation: RuleInvocation
    /// What is sent: the statement's result, or for the error action the report.
    let output: SQLOutput
    /// The action's place in the rule; nil for the error action.
    let index: Int?
    /// What is sent, as text.
    let bytes: [UInt8]
    /// Invocations that the same report is about (only the error action's).
    let others: [RuleInvocation]

    init(_ invocation: RuleInvocation, output: SQLOutput, index: Int?, others: [RuleInvocation] = []) {
        self.invocation = invocation
        self.output = output
        self.index = index
        self.bytes = output.bytes
        self.others = others
    }

    /// The value of a substitution template for the message that caused it (AWS IoT Developer Guide, rules).
    func text(_ template: SubstitutionTemplate) async throws(SQLFailure) -> String {
        let message = self.invocation.message.sql
        if template.externalFunctions.isEmpty { return try template.evaluate(message, variables: self.output.variables) }
        return try await template.evaluate(
            message, variables: self.output.variables, calling: self.invocation.rule.externalFunctions)
    }

    func text(_ template: SubstitutionTemplate?) async throws(SQLFailure) -> String? {
        guard let template else { return nil }
        return try await self.text(template)
    }
}
