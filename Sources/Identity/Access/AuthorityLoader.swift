import AWSAPI
import Storage

/// Puts together what a principal may do, inside a read of the store.
final class AuthorityLoader: Sendable {
    private let things: any ThingDirectory
    private let arns: ResourceARNs
    private let anonymous: PolicySet
    private let documents = PolicyCache()
    private let cache = AuthorityCache()
    private let now: @Sendable () -> Int64

    /// - Throws: `PolicyError` when a document of the configuration is none.
    init(
        account: AccountContext, things: any ThingDirectory, anonymousPolicies: [String], clock: @escaping @Sendable () -> Timestamp
    ) throws(PolicyError) {
        self.things = things
        self.now = { clock().milliseconds }
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
        case .accessKey: subject.principal.isTemporary ? nil : self.effective(subject, policies: Self.account)
        }
    }

    private static let account = PolicySet([.init(name: "account", version: "1", document: .allowAll)])

    /// The authority of a subject as far as it is at hand; nil when the store must be asked.
    func cached(_ subject: AuthoritySubject) -> EffectiveAuthority? {
        guard case .certificate(let id) = subject.principal, let found = self.cache.find(id, clientID: subject.clientID) else { return nil }
        return self.effective(subject, policies: found.policies, certificate: found.certificate, thing: found.thing)
    }

    /// To be taken before the read that ``load(_:certificate:epoch:in:)`` is part of.
    var epoch: UInt64 { self.cache.epoch }

    /// What changed in the store must be read there from now on.
    func forget(_ scope: AuthorityScope) { self.cache.forget(scope) }

    /// - Parameters:
    ///   - certificate: what is known of the subject's certificate, read when it is nil.
    ///   - epoch: of before the read.
    func load(
        _ subject: AuthoritySubject, certificate: CertificateAttributes?, epoch: UInt64, in connection: any StoreConnection
    ) throws -> ConnectionAuthorityBox.Content {
        if case .accessKey(let id) = subject.principal, subject.principal.isTemporary {
            return try self.temporary(id, subject, in: connection)
        }
        guard case .certificate(let id) = subject.principal else {
            return self.fixed(subject).map(ConnectionAuthorityBox.Content.effective) ?? .loading
        }
        let target = PolicyTarget.certificate(id: id)
        let table = CertificateTable(connection: connection)
        guard let status = try table.status(id) else { return .refused("the certificate is not registered", certificate: certificate) }
        guard status == .active else {
            return .refused("the certificate is \(status.rawValue), not ACTIVE", certificate: certificate)
        }
        let found = AuthorityCache.Found(
            policies: try self.policies(of: target, in: connection),
            certificate: try certificate ?? table.find(id).map(DeviceCertificate.init)?.attributes,
            thing: try self.thing(of: target, clientID: subject.clientID, in: connection))
        let hasThings = try found.thing.name != nil || self.things.hasThings(target, in: connection)
        self.cache.insert(found, for: id, clientID: subject.clientID, hasThings: hasThings, readAt: epoch)
        return .effective(
            self.effective(subject, policies: found.policies, certificate: found.certificate, thing: found.thing))
    }

    /// What a role allows whoever connects with temporary credentials.
    private func temporary(
        _ id: String, _ subject: AuthoritySubject, in connection: any StoreConnection
    ) throws -> ConnectionAuthorityBox.Content {
        guard let session = try TemporarySessionTable(connection: connection).find(id), self.now() < session.expires.milliseconds else {
            return .refused("the temporary credentials have ended", certificate: nil)
        }
        let policies = try RolePolicies(connection: connection).policies(of: session.role)
        return .effective(self.effective(subject, policies: policies, additional: session.contextValues))
    }

    /// The compiled documents in force for a target.
    func policies(of target: PolicyTarget, in connection: any StoreConnection) throws -> PolicySet {
        let table = PolicyTable(connection: connection)
        return PolicySet(try table.attached(to: target).map { try self.entry($0, in: connection) })
    }

    func entry(_ policy: PolicyRecord, in connection: any StoreConnection) throws -> PolicySet.Entry {
        let document = try self.documents.defaultDocument(of: policy, in: connection)
        return PolicySet.Entry(name: policy.name, version: String(policy.defaultVersion), document: document)
    }

    func thing(of target: PolicyTarget, clientID: String?, in connection: any StoreConnection) throws -> ConnectionThing {
        if let name = try self.things.exclusiveThing(of: target, in: connection) {
            return try self.inGroups(
                ConnectionThing(facts: try self.things.thing(named: name, in: connection), exclusive: name), in: connection)
        }
        // Over HTTP there is no client id, so only an exclusive attachment tells the thing.
        guard let clientID, try self.things.isAttached(target, to: clientID, in: connection) else { return ConnectionThing() }
        return try self.inGroups(ConnectionThing(facts: try self.things.thing(named: clientID, in: connection)), in: connection)
    }

    /// With the groups of the thing, and what is attached to them.
    private func inGroups(_ thing: ConnectionThing, in connection: any StoreConnection) throws -> ConnectionThing {
        guard let name = thing.name else { return thing }
        var thing = thing
        thing.groups = try self.things.groups(ofThing: name, in: connection)
        thing.groupPolicies = try self.policies(ofGroups: thing.groups, in: connection)
        return thing
    }

    /// The compiled documents that are attached to groups.
    func policies(ofGroups groups: [String], in connection: any StoreConnection) throws -> PolicySet {
        try groups.reduce(into: PolicySet()) { found, group in
            found = found.adding(try self.policies(of: .thingGroup(group), in: connection))
        }
    }

    func effective(
        _ subject: AuthoritySubject, policies: PolicySet, certificate: CertificateAttributes? = nil,
        thing: ConnectionThing = ConnectionThing(), additional: [String: [String]] = [:]
    ) -> EffectiveAuthority {
        var context = PolicyContext(
            clientID: subject.clientID, sourceIP: subject.sourceAddress.isEmpty ? nil : subject.sourceAddress,
            domainName: subject.serverName,
            certificate: certificate, thing: thing.facts.map(PolicyContext.Thing.init),
            isThingAttached: subject.clientID == nil && thing.facts == nil ? nil : thing.facts != nil,
            isSecureTransport: subject.isSecure, additional: additional, now: self.now)
        if case .certificate(let id) = subject.principal { context.certificateID = id }
        return EffectiveAuthority(
            policies: policies, thing: thing, context: context, isPersistent: subject.isPersistent,
            lastWillTopic: subject.lastWillTopic, arns: self.arns)
    }
}

extension PolicyContext.Thing {
    fileprivate init(_ facts: ThingFacts) {
        self.init(name: facts.name, typeName: facts.typeName, attributes: facts.attributes)
    }
}
