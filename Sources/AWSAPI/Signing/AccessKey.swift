/// A key that signs requests.
package struct AccessKey: Sendable, Hashable {
    package let id: String
    package let secret: String
    /// Temporary keys come with a token that every request must carry.
    package let sessionToken: String?
    /// When a temporary key ends, in seconds since 1970; nil for one that does not.
    package let expiresAtSeconds: Int64?

    package init(id: String, secret: String, sessionToken: String? = nil, expiresAtSeconds: Int64? = nil) {
        self.id = id
        self.secret = secret
        self.sessionToken = sessionToken
        self.expiresAtSeconds = expiresAtSeconds
    }
}

/// Knows the secrets of access keys. The room that keeps them implements it.
package protocol CredentialProvider: Sendable {
    /// The key with this id; nil when there is none, or none that is active.
    func secret(for accessKeyID: String) async throws -> AccessKey?
}

/// A fixed set of keys.
package struct StaticCredentials: CredentialProvider {
    private let keys: [String: AccessKey]

    package init(_ keys: [AccessKey]) {
        self.keys = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }

    package func secret(for accessKeyID: String) async throws -> AccessKey? {
        self.keys[accessKeyID]
    }
}
