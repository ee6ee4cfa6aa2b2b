import AWSAPI
import Storage

/// Puts together what a principal may do, inside a read of the store.
final class AuthorityLoader: Sendable {
    private let things: any ThingDirectory
    private let arns: ResourceARNs
    private let anonymous: PolicySet
    private let cache = PolicyCache()
    private let clock: @Sendable () -> Timestamp

    /// - Throws: `PolicyError` when a document of the configuration is none.
    init(
        account: AccountContext, things: any ThingDirectory, anonymousPolicies: [String], clock: @escaping @Sendable () -> Timestamp
    ) throws(PolicyError) {
        self.things = things
        self.clock = clock
        self.arns = ResourceARNs(prefix: account.arn(service: "iot", ""))
        var entries: [PolicySet.Entry] = []
        for (index, text) in anonymousPolicies.enumerated() {
            entries.append(.init(name: "anonymous-\(index + 1)", version: "1", document: try PolicyDocument(parsing: text)))
        }
        self.anonymous = PolicySet(entries)
    }

    /// The authority of a subject that does not depend on the store; nil for one that does.
    ///
    /// An access key is the account's own: there are no other users to tell apart, so it may do everything.
    func fixed(_ subject: AuthoritySubject) -> EffectiveAuthority? {
        switch subject.principal {
        case .certificate: nil
        case .anonymous: self.effective(subject, policies: self.anonymous)
        case .accessKey: self.effective(subject, policies: Self.account)
        }
    }

    private static let account = PolicySet([.init(name: "account", version: "1", document: .allowAll)])

    /// - Parameter certificate: what is known of the subject's certificate, read when it is nil.
    func load(
        _ subject: AuthoritySubject, certificate: CertificateAttributes?, in connection: any StoreConnection
    ) throws -> ConnectionAuthorityBox.Content {
        guard case .certificate(let id) = subject.principal else {
            return self.fixed(subject).map(ConnectionAuthorityBox.Content.effective) ?? .loading
        }
        let target = PolicyTarget.certificate(id: id)
        let table = CertificateTable(connection: connection)
        guard let status = try table.status(id) else { return .refused("the certificate is not registered", certificate: certificate) }
        guard status == .active else {
            return .refused("the certificate is \(status.rawValue), not ACTIVE", certificate: certificate)
        }
        let attributes = try certificate ?? table.find(id).map(DeviceCertificate.init)?.attributes
        let thing = try self.thing(of: target, clientID: subject.clientID, in: connection)
        return .effective(
            self.effective(
                subject, policies: try self.policies(of: target, in: connection), certificate: attributes, thing: thing))
    }

    /// The compiled documents in force for a target.
    func policies(of target: PolicyTarget, in connection: any StoreConnection) throws -> PolicySet {
        let table = PolicyTable(connection: connection)
        return PolicySet(try table.attached(to: target).map { try self.entry($0, in: connection) })
    }

    func entry(_ policy: PolicyRecord, in connection: any StoreConnection) throws -> PolicySet.Entry {
        let document = try self.cache.defaultDocument(of: policy, in: connection)
        return PolicySet.Entry(name: policy.name, version: String(policy.defaultVersion), document: document)
    }

    /// The thing that a connection acts as (reference §2.4): the principal's exclusive one, or the one with the client id as its name
    /// that the principal is attached to. None over HTTPS.
    struct ConnectionThing {
        var facts: ThingFacts?
        var exclusive: String?
    }

    func thing(of target: PolicyTarget, clientID: String?, in connection: any StoreConnection) throws -> ConnectionThing {
        if let name = try self.things.exclusiveThing(of: target, in: connection) {
            return ConnectionThing(facts: try self.things.thing(named: name, in: connection), exclusive: name)
        }
        // Over HTTP there is no client id, so only an exclusive attachment tells the thing.
        guard let clientID, try self.things.isAttached(target, to: clientID, in: connection) else { return ConnectionThing() }
        return ConnectionThing(facts: try self.things.thing(named: clientID, in: connection))
    }

    func effective(
        _ subject: AuthoritySubject, policies: PolicySet, certificate: CertificateAttributes? = nil,
        thing: ConnectionThing = ConnectionThing()
    ) -> EffectiveAuthority {
        var context = PolicyContext(
            clientID: subject.clientID, sourceIP: subject.sourceAddress.isEmpty ? nil : subject.sourceAddress,
            domainName: subject.serverName,
            certificate: certificate, thing: thing.facts.map(PolicyContext.Thing.init),
            isThingAttached: subject.clientID == nil && thing.facts == nil ? nil : thing.facts != nil,
            isSecureTransport: subject.isSecure, now: { [clock] in clock().milliseconds })
        if case .certificate(let id) = subject.principal { context.certificateID = id }
        var connectContext = context
        connectContext.connectAttributes =
            (subject.isPersistent ? [.persistentConnect] : []) + (subject.lastWillTopic == nil ? [] : [.lastWill])
        connectContext.lastWillTopic = subject.lastWillTopic
        return EffectiveAuthority(
            policies: policies, exclusiveThing: thing.exclusive, certificate: certificate, context: context,
            connectContext: connectContext, arns: self.arns)
    }
}

extension PolicyContext.Thing {
    fileprivate init(_ facts: ThingFacts) {
        self.init(name: facts.name, typeName: facts.typeName, attributes: facts.attributes)
    }
}
