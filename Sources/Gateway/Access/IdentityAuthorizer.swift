package import Broker
package import Identity
import Logging

/// Lets the broker ask Identity: who may connect, and what each connection may do (AWS IoT Developer Guide, policies).
package struct IdentityAuthorizer: Authorizer {
    private let identity: IdentityService

    package init(identity: IdentityService) {
        self.identity = identity
    }

    package func authorizeNow(_ attempt: ConnectAttempt) -> ConnectVerdict? {
        self.identity.authorityNow(for: Self.subject(attempt)).map { Self.verdict(on: attempt, by: $0) }
    }

    package func authorize(_ attempt: ConnectAttempt) async -> ConnectVerdict {
        do {
            return Self.verdict(on: attempt, by: try await self.identity.authority(for: Self.subject(attempt)))
        } catch {
            return .unavailable(reason: "the policies could not be read: \(error)")
        }
    }

    private static func verdict(on attempt: ConnectAttempt, by box: ConnectionAuthorityBox) -> ConnectVerdict {
        let connect = box.decide(.connect, attempt.clientID)
        guard connect.isAllowed else { return .deny(reason: connect.explanation) }
        if let will = attempt.will {
            let publish = box.decide(.publish, will.topic)
            guard publish.isAllowed else { return .deny(reason: "the will: \(publish.explanation)") }
            let retain = box.decide(.retainPublish, will.topic)
            guard !will.isRetained || retain.isAllowed else { return .deny(reason: "the retained will: \(retain.explanation)") }
        }
        return .allow(BoxedAuthority(box), thingName: box.exclusiveThing)
    }

    private static func subject(_ attempt: ConnectAttempt) -> AuthoritySubject {
        AuthoritySubject(
            principal: attempt.facts.principal.identity, clientID: attempt.clientID, sourceAddress: attempt.facts.remoteAddress,
            serverName: attempt.facts.serverName, isSecure: attempt.facts.transport != .tcp, isPersistent: attempt.isPersistent,
            lastWillTopic: attempt.will?.topic)
    }
}

extension ConnectionFacts.Principal {
    var identity: Identity.Principal {
        switch self {
        case .certificate(let id): .certificate(id: id)
        case .accessKey(let id): .accessKey(id: id)
        case .anonymous: .anonymous
        }
    }
}

/// One connection's authority, in the broker's words. The box behind it is replaced in place when a policy changes.
final class BoxedAuthority: ConnectionAuthority {
    private let box: ConnectionAuthorityBox

    init(_ box: ConnectionAuthorityBox) {
        self.box = box
    }

    func decide(_ action: TopicAction, _ topic: String) -> AccessDecision {
        let decision = self.box.decide(action.identity, topic)
        // Who is allowed asks for no reason, and putting it together costs more than deciding.
        return AccessDecision(
            isAllowed: decision.isAllowed, isCacheable: decision.isCacheable,
            explanation: decision.isAllowed ? "" : decision.explanation)
    }

    func onChange(_ listener: @escaping @Sendable () -> Void) { self.box.onChange(listener) }

    var addedProperties: MessageProperties {
        var properties = MessageProperties()
        properties.userProperties = self.box.userProperties.map { ($0.name, $0.value) }
        return properties
    }
}

extension TopicAction {
    var identity: DeviceAction {
        switch self {
        case .publish: .publish
        case .retainPublish: .retainPublish
        case .subscribe: .subscribe
        case .receive: .receive
        }
    }
}
