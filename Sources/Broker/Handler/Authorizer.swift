/// What a CONNECT asks for, before it is allowed.
package struct ConnectAttempt: Sendable {
    package struct WillTopic: Sendable {
        package var topic: String
        package var isRetained: Bool
        package var qos: UInt8
    }

    package var facts: ConnectionFacts
    package var clientID: String
    package var username: String?
    package var password: [UInt8]?
    package var will: WillTopic?
    /// The session is to outlive the connection.
    package var isPersistent: Bool
    /// 4 (MQTT 3.1.1) or 5.
    package var protocolVersion: UInt8
}

package enum ConnectVerdict: Sendable {
    /// `thingName` is the thing of lifecycle events (AWS: only of an exclusive attachment).
    case allow(any ConnectionAuthority, thingName: String?)
    /// The reason is for the log and the reason string.
    case deny(reason: String)
    /// Not a matter of permission: the answer could not be found out.
    case unavailable(reason: String)
}

/// Decides who may connect. Handed in by the composition.
package protocol Authorizer: Sendable {
    func authorize(_ attempt: ConnectAttempt) async -> ConnectVerdict

    /// The same on the connection's event loop, without I/O: nil when only ``authorize(_:)`` can tell.
    func authorizeNow(_ attempt: ConnectAttempt) -> ConnectVerdict?
}

extension Authorizer {
    package func authorizeNow(_ attempt: ConnectAttempt) -> ConnectVerdict? { nil }
}

package enum TopicAction: String, Sendable {
    case publish = "iot:Publish"
    case retainPublish = "iot:RetainPublish"
    case subscribe = "iot:Subscribe"
    case receive = "iot:Receive"
}

package struct AccessDecision: Sendable {
    package var isAllowed: Bool
    /// The answer is the same for this action and topic until the authority says that it changed (``ConnectionAuthority/onChange(_:)``).
    package var isCacheable: Bool
    /// Why: the statement that decided or the variable that was missing.
    package var explanation: String

    package init(isAllowed: Bool, isCacheable: Bool, explanation: String) {
        self.isAllowed = isAllowed
        self.isCacheable = isCacheable
        self.explanation = explanation
    }
}

/// What one connection may do. Asked on its event loop: synchronous and without I/O.
package protocol ConnectionAuthority: AnyObject, Sendable {
    /// `topic` is a topic name, for ``TopicAction/subscribe`` a filter.
    func decide(_ action: TopicAction, _ topic: String) -> AccessDecision

    /// What each message that the connection publishes gets beside its own properties, until the authority changes.
    var addedProperties: MessageProperties { get }

    /// Has `listener` called, on any thread, whenever what the authority answers may have changed. One listener, set once.
    func onChange(_ listener: @escaping @Sendable () -> Void)
}

/// For authorities that never change and add nothing.
extension ConnectionAuthority {
    package var addedProperties: MessageProperties { MessageProperties() }
    package func onChange(_ listener: @escaping @Sendable () -> Void) {}
}
