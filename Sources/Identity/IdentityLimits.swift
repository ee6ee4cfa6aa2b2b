/// The bounds of this room, by AWS's quotas where it has one (AWS IoT Core quotas, "per account" meaning per server here).
package enum IdentityLimits {
    /// Versions of one policy that exist at the same time.
    static let policyVersions = 5
    /// Policies attached to one certificate or other identity.
    static let policiesPerTarget = 10
    /// Policies attached to one thing group.
    static let policiesPerGroup = 2
    /// Registered CA certificates with the same subject.
    static let certificateAuthoritiesPerSubject = 10
    static let roleAliases = 100
    /// Roles of the embedded IAM.
    static let roles = 1_000
    /// Its managed policies.
    static let managedPolicies = 1_500
    /// Policies attached to one role, and policies of its own.
    static let policiesPerRole = 10
    /// Characters of a role's policy without white space (IAM quotas).
    static let rolePolicyCharacters = 10_240
    static let trustPolicyCharacters = 4_096
    /// Temporary credentials of one certificate that are good at the same time. When it gets more, the oldest end.
    static let sessionsPerCertificate = 100
    /// How long expired credentials are told from unknown ones.
    static let expiredSessionMilliseconds: Int64 = 3_600_000
    /// Tags on one resource.
    static let tagsPerResource = 50
    /// Bytes of a certificate or CA certificate in PEM form.
    static let certificatePEMBytes = 65_536
    /// Bytes of a certificate signing request in PEM form.
    static let signingRequestBytes = 4_096
    /// Characters of a policy document as sent; its size without white space is bounded by `PolicyDocument`.
    static let policyDocumentCharacters = 404_600
    /// Shortest RSA key that a certificate may hold, in bits.
    static let rsaKeyBits = 2_048
    /// Items of one page of a listing.
    static let pageSize = 250
    /// Items of a page when the caller names no size.
    static let defaultPageSize = 25
    /// Device certificates kept in memory in front of the store; about 1 KiB each.
    static let cachedCertificates = 10_000
    /// Certificates whose policies and things are kept in memory in front of the store; under 1 KiB each, besides their things' attributes.
    static let cachedAuthorities = 10_000
    /// Client ids of one certificate whose things are kept with it.
    static let cachedClientsPerCertificate = 16
    /// Compiled policy documents kept in memory.
    static let cachedPolicies = 1_000
    /// Addresses of the host that the server certificate names.
    static let serverAddresses = 64
    /// Principals whose authority is read in one transaction, so that a refresh of many does not hold a snapshot for long.
    static let principalsPerRefresh = 256
    /// Names of policies that TestAuthorization adds or skips.
    static let policyNamesPerTest = 10
}
