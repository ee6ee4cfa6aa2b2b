import AWSAPI
import Storage

/// Temporary credentials that a device got for its certificate, and what they stand for.
struct TemporarySession: Sendable, Hashable {
    /// Temporary keys begin with it, the account's own with `AKIA` (IAM, unique identifiers).
    static let keyPrefix = "ASIA"

    var keyID: String
    var secret: String
    var token: String
    /// The name of the role.
    var role: String
    var certificateID: String
    /// The thing that the device named, and its type.
    var thing: String?
    var thingType: String?
    var expires: Timestamp

    /// Context keys of the role's policies (AWS IoT Core Developer Guide, authorizing direct calls).
    var contextValues: [String: [String]] {
        var values = ["credentials-iot:awscertificateid": [self.certificateID]]
        values["credentials-iot:thingname"] = self.thing.map { [$0] }
        values["credentials-iot:thingtypename"] = self.thingType.map { [$0] }
        return values
    }

    func arn(in account: AccountContext) -> String {
        "arn:\(account.partition):sts::\(account.account):assumed-role/\(self.role)/\(self.certificateID)"
    }
}

/// The queries on temporary credentials. Each runs inside a transaction of the caller.
struct TemporarySessionTable {
    static let tables = [
        """
        CREATE TABLE identity_sessions (
            key_id TEXT PRIMARY KEY, secret TEXT NOT NULL, token TEXT NOT NULL, role TEXT NOT NULL, certificate TEXT NOT NULL,
            thing TEXT, thing_type TEXT, expires_ms BIGINT NOT NULL)
        """,
        "CREATE INDEX identity_sessions_by_certificate ON identity_sessions (certificate, expires_ms)",
        "CREATE INDEX identity_sessions_by_end ON identity_sessions (expires_ms)",
    ]

    let connection: any StoreConnection

    func find(_ keyID: String) throws -> TemporarySession? {
        try self.connection.queryOne(
            "SELECT key_id, secret, token, role, certificate, thing, thing_type, expires_ms FROM identity_sessions WHERE key_id = ?",
            [.text(keyID)]
        ).map { row in
            TemporarySession(
                keyID: try row.text(0), secret: try row.text(1), token: try row.text(2), role: try row.text(3),
                certificateID: try row.text(4), thing: try row.optionalText(5), thingType: try row.optionalText(6),
                expires: Timestamp(milliseconds: try row.integer(7)))
        }
    }

    /// Adds credentials. What expired a while ago goes, and so do a certificate's oldest when it has more than it may.
    func insert(_ session: TemporarySession, now: Timestamp) throws {
        try self.connection.execute(
            "DELETE FROM identity_sessions WHERE expires_ms < ?",
            [.integer(now.milliseconds - IdentityLimits.expiredSessionMilliseconds)])
        try self.connection.execute(
            """
            DELETE FROM identity_sessions WHERE key_id IN (
                SELECT key_id FROM identity_sessions WHERE certificate = ? ORDER BY expires_ms DESC LIMIT 1000000 OFFSET ?)
            """, [.text(session.certificateID), StoreValue(IdentityLimits.sessionsPerCertificate - 1)])
        try self.connection.execute(
            """
            INSERT INTO identity_sessions (key_id, secret, token, role, certificate, thing, thing_type, expires_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(session.keyID), .text(session.secret), .text(session.token), .text(session.role), .text(session.certificateID),
                StoreValue(session.thing), StoreValue(session.thingType), .integer(session.expires.milliseconds),
            ])
    }
}
