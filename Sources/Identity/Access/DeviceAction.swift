/// What a device does on an MQTT connection, and on what kind of resource (AWS IoT Developer Guide, policies).
package enum DeviceAction: Sendable, Hashable, CaseIterable {
    /// The name is a client id.
    case connect
    /// The name is a topic.
    case publish
    /// Asked besides `publish` when the message is to be retained.
    case retainPublish
    /// The name is a topic filter.
    case subscribe
    case receive

    var policyAction: PolicyAction {
        switch self {
        case .connect: .connect
        case .publish: .publish
        case .retainPublish: .retainPublish
        case .subscribe: .subscribe
        case .receive: .receive
        }
    }
}

/// The answer to one question of a connection.
package struct AuthorityDecision: Sendable {
    enum Reason: Sendable {
        case policies(PolicyDecision)
        /// Nothing is allowed, whatever the policies say.
        case refused(String)
    }

    let reason: Reason
    let action: String
    let resource: String

    package var isAllowed: Bool {
        switch self.reason {
        case .policies(let decision): decision.isAllowed
        case .refused: false
        }
    }

    /// Whether the same question gets the same answer until the next change.
    package var isCacheable: Bool {
        switch self.reason {
        case .policies(let decision): !decision.isTimeDependent
        case .refused: true
        }
    }

    /// For the log: what was asked, and which statement decided or which variable has no value. Put together when it is read.
    package var explanation: String {
        let question = "\(self.action) on \(self.resource)"
        switch self.reason {
        case .policies(let decision): return "\(question): \(decision)"
        case .refused(let why): return "\(question): denied, \(why)"
        }
    }
}
