package import AWSAPI
import Crypto
import FoundationEssentials
import Storage
import Synchronization

/// The account's access keys. The first start makes one; every key may do everything.
package final class AccessKeys: Sendable {
    private let store: any Store
    private let clock: @Sendable () -> Timestamp
    /// Keys do not change once made, so a key that was found once is kept. There are as many as the operator made.
    private let known = Mutex<[String: AccessKey]>([:])

    init(store: any Store, clock: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.clock = clock
    }

    /// The oldest key, made when there is none.
    func first() async throws -> AccessKey {
        let now = self.clock()
        let candidate = Self.generate()
        let key = try await self.store.write { connection in
            let found = try connection.queryOne("SELECT id, secret FROM identity_access_keys ORDER BY created_ms, id LIMIT 1")
            if let found { return AccessKey(id: try found.text(0), secret: try found.text(1)) }
            try connection.execute(
                "INSERT INTO identity_access_keys (id, secret, created_ms) VALUES (?, ?, ?)",
                [.text(candidate.id), .text(candidate.secret), .integer(now.milliseconds)])
            return candidate
        }
        self.known.withLock { $0[key.id] = key }
        return key
    }

    /// `AKIA` and 16 of A–Z and 2–7, as IAM's ids look; 30 random bytes in base64 as the secret, 40 characters.
    private static func generate() -> AccessKey {
        AccessKey(id: Self.makeID(prefix: "AKIA"), secret: Self.makeSecret())
    }

    /// A random id as IAM's look: the prefix tells what it is of.
    static func makeID(prefix: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        return prefix + String(decoding: Self.random(count: 16).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    static func makeSecret() -> String { Data(Self.random(count: 30)).base64EncodedString() }

    private static func random(count: Int) -> [UInt8] {
        SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { Array($0) }
    }
}

extension AccessKeys: CredentialProvider {
    package func secret(for accessKeyID: String) async throws -> AccessKey? {
        if accessKeyID.hasPrefix(TemporarySession.keyPrefix) { return try await self.temporaryKey(accessKeyID) }
        if let key = self.known.withLock({ $0[accessKeyID] }) { return key }
        let key: AccessKey? = try await self.store.read { connection in
            let row = try connection.queryOne("SELECT id, secret FROM identity_access_keys WHERE id = ?", [.text(accessKeyID)])
            return try row.map { AccessKey(id: try $0.text(0), secret: try $0.text(1)) }
        }
        if let key { self.known.withLock { $0[key.id] = key } }
        return key
    }

    /// Credentials of a device, which are good while its certificate is.
    private func temporaryKey(_ id: String) async throws -> AccessKey? {
        try await self.store.read { connection in
            guard let session = try TemporarySessionTable(connection: connection).find(id),
                try CertificateTable(connection: connection).status(session.certificateID) == .active
            else { return nil }
            return AccessKey(
                id: session.keyID, secret: session.secret, sessionToken: session.token,
                expiresAtSeconds: session.expires.milliseconds / 1_000)
        }
    }
}
