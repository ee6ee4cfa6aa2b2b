package import AWSAPI
import CoreMetrics
package import Identity
import Logging

/// Holds a device's request over HTTPS against its policies. A request that an access key signed may do everything.
package struct DeviceAccess: Sendable {
    private let identity: IdentityService
    private let denials = Counter(label: "roost_mqtt_denied_total", dimensions: [("action", "http")])
    private let logLimit = LogLimit()

    package init(identity: IdentityService) {
        self.identity = identity
    }

    /// - Parameter resource: the last part of the ARN ("topic/a/b"); nil for an action without a resource.
    /// - Throws: ForbiddenException, which like that of AWS does not say why; the log does.
    package func check(_ action: PolicyAction, _ resource: String?, _ context: OperationContext) async throws {
        guard case .certificate(let id) = context.caller else { return }
        let subject = AuthoritySubject(
            principal: .certificate(id: id), clientID: nil, sourceAddress: context.remoteAddress ?? "", isSecure: context.isSecure)
        let decision = try await self.identity.authority(for: subject).decide(action, resource: resource ?? "*")
        guard !decision.isAllowed else { return }
        self.denials.increment()
        self.logLimit.run { suppressed in
            context.logger.notice(
                "denied a request of a device: \(decision.explanation)",
                metadata: ["certificate": "\(id)", "suppressed": "\(suppressed)"])
        }
        throw AWSError.forbidden("Forbidden")
    }
}

extension PolicyAction {
    static let getRetainedMessage: PolicyAction = "iot:GetRetainedMessage"
    static let listRetainedMessages: PolicyAction = "iot:ListRetainedMessages"
    static let deleteConnection: PolicyAction = "iot:DeleteConnection"
    static let getConnection: PolicyAction = "iot:GetConnection"
    static let listSubscriptions: PolicyAction = "iot:ListSubscriptions"
}
