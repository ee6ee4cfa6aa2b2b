import AWSAPI
import Broker
import Logging

/// What actions use to reach their targets.
struct ActionServices: Sendable {
    let broker: Broker
    /// To the services of AWS, wherever they are.
    let transport: any ServiceTransport
    /// To web servers.
    let http: HTTPSender
    let kafka: KafkaProducers
    let destinations: RuleDestinations
    /// What signs requests that are not AWS's own; nil when nobody gave a key.
    let signingKey: AccessKey?
    let account: AccountContext
    let limits: RulesLimits
    let settings: RulesSettings
    let logger: Logger

    /// The ARN of an item's rule, which resource policies ask for.
    func ruleARN(of item: ActionItem) -> String {
        self.account.arn(service: "iot", "rule/\(item.invocation.rule.definition.name)")
    }

    /// Calls a service for an item.
    ///
    /// - Throws: ``ServiceFailure`` for a refusal as well as for no answer.
    func call(_ request: ServiceRequest, for item: ActionItem) async throws(ServiceFailure) -> APIResponse {
        var request = request
        request.sourceARN = self.ruleARN(of: item)
        let answer: APIResponse
        do {
            answer = try await self.transport.send(request)
        } catch {
            throw ServiceFailure(message: "\(request.service): \(error)", mayRetry: true)
        }
        if let refusal = answer.refusal { throw ServiceFailure(refusal, of: request) }
        return answer
    }
}

/// Why a call of a service for an action did not work.
struct ServiceFailure: Error {
    let message: String
    /// Whether the same may work later.
    let mayRetry: Bool
    /// What the service answered; nil when it did not.
    let refusal: AWSError?

    init(message: String, mayRetry: Bool, refusal: AWSError? = nil) {
        self.message = message
        self.mayRetry = mayRetry
        self.refusal = refusal
    }

    init(_ refusal: AWSError, of request: ServiceRequest) {
        self.init(
            message: "\(request.service) refused \(request.operation) with \(refusal.name) (status \(refusal.status)): \(refusal.message)",
            mayRetry: refusal.isTransient, refusal: refusal)
    }

    var outcome: ActionOutcome { .failed(self.message, mayRetry: self.mayRetry) }
}
