/// What one connection may do as of one moment: its policies, and the values of their variables. Immutable, so that it is replaced whole.
final class EffectiveAuthority: Sendable {
    let policies: PolicySet
    /// The thing that alone holds the principal.
    let exclusiveThing: String?
    /// The static groups of the connection's thing, with all above them.
    let groups: [String]
    /// The type of the connection's thing.
    let thingType: String?
    /// What is added to each message that the connection publishes.
    let userProperties: [UserProperty]
    private let context: PolicyContext
    private let isPersistent: Bool
    private let lastWillTopic: String?
    private let arns: ResourceARNs

    init(
        policies: PolicySet, thing: ConnectionThing, context: PolicyContext, isPersistent: Bool, lastWillTopic: String?,
        arns: ResourceARNs
    ) {
        self.policies = policies.adding(thing.groupPolicies)
        self.exclusiveThing = thing.exclusive
        self.groups = thing.groups
        self.thingType = thing.facts?.typeName
        self.userProperties = thing.facts?.userProperties(clientID: context.clientID) ?? []
        self.context = context
        self.isPersistent = isPersistent
        self.lastWillTopic = lastWillTopic
        self.arns = arns
    }

    var certificate: CertificateAttributes? { self.context.certificate }

    /// With the facts that hold for CONNECT only. Put together when it is asked for, which is once, while the rest stays for as long as
    /// the connection.
    private var connectContext: PolicyContext {
        var context = self.context
        context.connectAttributes = (self.isPersistent ? [.persistentConnect] : []) + (self.lastWillTopic == nil ? [] : [.lastWill])
        context.lastWillTopic = self.lastWillTopic
        return context
    }

    func decide(_ action: DeviceAction, _ name: String) -> AuthorityDecision {
        let arn: String
        switch action {
        case .connect: arn = self.arns.client + name
        case .publish, .retainPublish, .receive: arn = self.arns.topic + name
        case .subscribe: arn = self.arns.filter + name
        }
        return self.decide(action.policyAction, arn: arn, in: action == .connect ? self.connectContext : self.context)
    }

    /// - Parameter resource: the last part of the ARN ("thing/lamp"), or `*` for actions without a resource.
    func decide(_ action: PolicyAction, resource: String) -> AuthorityDecision {
        self.decide(action, arn: resource == "*" ? resource : self.arns.prefix + resource, in: self.context)
    }

    /// Everything that TestAuthorization tells about one resource, named by its whole ARN.
    func explain(_ action: PolicyAction, arn: String, isConnect: Bool) -> PolicyExplanation {
        self.policies.explain(PolicyRequest(action: action, resource: arn, context: isConnect ? self.connectContext : self.context))
    }

    private func decide(_ action: PolicyAction, arn: String, in context: PolicyContext) -> AuthorityDecision {
        AuthorityDecision(reason: .policies(self.policies.decide(action, arn, context)), action: action.name, resource: arn)
    }
}

/// The fronts of the ARNs that are asked about for each message. One for all connections.
final class ResourceARNs: Sendable {
    /// `arn:aws:iot:REGION:ACCOUNT:`.
    let prefix: String
    let client: String
    let topic: String
    let filter: String

    init(prefix: String) {
        self.prefix = prefix
        self.client = prefix + "client/"
        self.topic = prefix + "topic/"
        self.filter = prefix + "topicfilter/"
    }
}
