package import AWSAPI
package import Logging
package import Storage

/// What the composition tells this room.
package struct IdentityConfiguration: Sendable {
    /// The address of the device gateway as DescribeEndpoint returns it: a bare host name, or `host:port`. Asked at each call, for
    /// a port may be known only after the listeners started.
    package var endpointAddress: @Sendable () -> String
    /// The policy documents of clients without certificate on the plain listener.
    package var anonymousPolicies: [String]
    /// Names and addresses for the server certificate, besides the host's own.
    package var serverNames: [String]

    package init(
        endpointAddress: @escaping @Sendable () -> String, anonymousPolicies: [String] = [PolicyDocument.allowAll.text],
        serverNames: [String] = []
    ) {
        self.endpointAddress = endpointAddress
        self.anonymousPolicies = anonymousPolicies
        self.serverNames = serverNames
    }
}

/// Who may do what: certificates, policies and access keys, their operations, and the authority of each connection.
package final class IdentityService: Sendable {
    /// This room's tables; the store is opened with them.
    package static let migrations = IdentitySchema.migrations

    package let account: AccountContext
    /// Made in `FOLDER/ca` at the first start.
    package let authority: CertificateAuthority
    /// What the API's signatures are checked with.
    package let accessKeys: AccessKeys
    let store: any Store
    let things: any ThingDirectory
    let configuration: IdentityConfiguration
    let issuer: CertificateIssuer
    let clock: @Sendable () -> Timestamp
    let logger: Logger
    let certificates = CertificateCache()
    let live = LiveAuthorities()
    let loader: AuthorityLoader
    /// Rooms whose resources have tags add their kinds to it.
    package let taggable: TaggableResources
    private let listeners = ChangeListeners()

    /// - Parameters:
    ///   - folder: the data folder, which exists; with `--ephemeral` a temporary one.
    ///   - things: what is known of things, from the room that keeps them.
    package init(
        store: any Store, account: AccountContext, folder: String, things: any ThingDirectory,
        configuration: IdentityConfiguration, logger: Logger, clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) throws {
        self.store = store
        self.account = account
        self.things = things
        self.configuration = configuration
        self.logger = logger
        self.clock = clock
        self.authority = try CertificateAuthority.openOrCreate(folder: "\(folder)/ca", now: clock().date, logger: logger)
        self.issuer = CertificateIssuer(authority: self.authority)
        self.accessKeys = AccessKeys(store: store, clock: clock)
        self.loader = try AuthorityLoader(
            account: account, things: things, anonymousPolicies: configuration.anonymousPolicies, clock: clock)
        self.taggable = TaggableResources(account: account)
        self.taggable.add("policy") { try PolicyTable(connection: $1).find($0) != nil }
        self.taggable.add("rolealias") { try RoleAliasTable(connection: $1).find($0) != nil }
        self.taggable.add("cacert") { try CACertificateTable(connection: $1).find($0) != nil }
    }

    /// The account's first access key, made at the first start.
    package func firstAccessKey() async throws -> AccessKey {
        try await self.accessKeys.first()
    }

    /// The server's certificate and key, made anew where needed: at start, on SIGHUP, and once a day.
    package func serverCredentials() throws -> ServerCredentials {
        try self.authority.serverCredentials(
            names: .ofThisHost(adding: self.configuration.serverNames), now: self.clock().date)
    }

    /// Calls `listener` after each change, before the API call that made it is answered.
    package func onChange(_ listener: @escaping @Sendable (IdentityChange) async -> Void) {
        self.listeners.add(listener)
    }

    /// Brings the live authorities up to date and tells the listeners. Rooms whose tables the authorities rest on call it after their
    /// write and before their answer.
    package func changed(_ scopes: AuthorityScope...) async { await self.changed(scopes) }

    package func changed(_ scopes: [AuthorityScope]) async {
        var isLive = false
        for scope in scopes where await self.refresh(scope) { isLive = true }
        await self.listeners.tell(isLive ? .policiesChanged : .othersChanged)
    }

    func certificateChanged(_ id: String, to status: CertificateStatus?) async {
        self.certificates.remove(id)
        await self.refresh(.principal(.certificate(id: id)))
        await self.listeners.tell(status == .active ? .policiesChanged : .certificateDeactivated(id: id))
    }
}

extension IdentityService {
    /// The same as ``deviceCertificate(fingerprint:)`` without I/O; nil when the store must be asked.
    package func deviceCertificateNow(fingerprint: String) -> DeviceCertificate? {
        if case .found(let certificate) = self.certificates.find(fingerprint) { certificate } else { nil }
    }

    /// The certificate with this fingerprint (`CertificateID.fingerprint(ofDER:)`), nil when none is registered.
    package func deviceCertificate(fingerprint: String) async throws -> DeviceCertificate? {
        switch self.certificates.find(fingerprint) {
        case .found(let certificate): return certificate
        case .missing(let epoch):
            let found: DeviceCertificate? = try await self.store.read { connection in
                try CertificateTable(connection: connection).find(fingerprint).map(DeviceCertificate.init)
            }
            if let found { self.certificates.insert(found, readAt: epoch) }
            return found
        }
    }

    /// Whether a certificate is registered, for the rooms that refer to it inside their own transaction.
    package func certificateExists(_ id: String, in connection: any StoreConnection) throws -> Bool {
        try connection.queryOne("SELECT 1 FROM identity_certificates WHERE id = ?", [.text(id)]) != nil
    }
}
