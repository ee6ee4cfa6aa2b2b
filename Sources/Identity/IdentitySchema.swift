package import Storage

/// The tables of this room. Times are milliseconds since 1970; resources are kept by id or name, never by ARN, so that a data folder
/// can be served under another account or region.
package enum IdentitySchema {
    package static let migrations: [Migration] = [
        Migration(room: "Identity", version: 1, statements: tables),
        Migration(room: "Identity", version: 2, statements: RoleAliasTable.tables + RoleTable.tables + TemporarySessionTable.tables),
    ]

    private static let tables = [
        // One row per fact about the server itself, such as the registration code.
        "CREATE TABLE identity_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """
        CREATE TABLE identity_access_keys (
            id TEXT PRIMARY KEY, secret TEXT NOT NULL, created_ms BIGINT NOT NULL)
        """,
        """
        CREATE TABLE identity_certificates (
            id TEXT PRIMARY KEY, pem TEXT NOT NULL, status TEXT NOT NULL, mode TEXT NOT NULL, ca_id TEXT,
            not_before_ms BIGINT NOT NULL, not_after_ms BIGINT NOT NULL,
            created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL,
            customer_version BIGINT NOT NULL, generation_id TEXT NOT NULL)
        """,
        "CREATE INDEX identity_certificates_by_age ON identity_certificates (created_ms, id)",
        "CREATE INDEX identity_certificates_by_ca ON identity_certificates (ca_id, created_ms, id)",
        // subject is the SHA-256 of the subject's DER, in hexadecimal.
        """
        CREATE TABLE identity_ca_certificates (
            id TEXT PRIMARY KEY, pem TEXT NOT NULL, subject TEXT NOT NULL, status TEXT NOT NULL, mode TEXT NOT NULL,
            auto_registration TEXT NOT NULL, registration_config TEXT,
            not_before_ms BIGINT NOT NULL, not_after_ms BIGINT NOT NULL,
            created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL,
            customer_version BIGINT NOT NULL, generation_id TEXT NOT NULL)
        """,
        "CREATE INDEX identity_ca_certificates_by_subject ON identity_ca_certificates (subject)",
        "CREATE INDEX identity_ca_certificates_by_age ON identity_ca_certificates (created_ms, id)",
        // next_version only rises: the id of a deleted version is never given again.
        """
        CREATE TABLE identity_policies (
            name TEXT PRIMARY KEY, generation_id TEXT NOT NULL, default_version BIGINT NOT NULL, next_version BIGINT NOT NULL,
            created_ms BIGINT NOT NULL, modified_ms BIGINT NOT NULL)
        """,
        "CREATE INDEX identity_policies_by_age ON identity_policies (created_ms, name)",
        """
        CREATE TABLE identity_policy_versions (
            policy TEXT NOT NULL, version BIGINT NOT NULL, document TEXT NOT NULL, created_ms BIGINT NOT NULL,
            PRIMARY KEY (policy, version))
        """,
        // target is PolicyTarget.key.
        """
        CREATE TABLE identity_policy_attachments (
            target TEXT NOT NULL, policy TEXT NOT NULL, PRIMARY KEY (target, policy))
        """,
        "CREATE INDEX identity_policy_attachments_by_policy ON identity_policy_attachments (policy, target)",
        // resource is the last part of the ARN ("policy/Thermometers").
        """
        CREATE TABLE identity_tags (
            resource TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (resource, name))
        """,
    ]
}
