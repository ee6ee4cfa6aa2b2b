import AWSAPI
import JSON
import Storage

/// What a role allows, and who may take it on.
struct RolePolicies {
    let connection: any StoreConnection

    /// The documents in force for a role: its own and those attached to it.
    func policies(of role: String) throws -> PolicySet {
        let table = RoleTable(connection: self.connection)
        var entries: [PolicySet.Entry] = []
        for policy in try table.inlinePolicies(of: role) {
            entries.append(.init(name: policy.name, version: "", document: try Self.parse(policy.document)))
        }
        for policy in try table.attachedPolicies(of: role) {
            entries.append(.init(name: policy.name, version: "v1", document: try Self.parse(policy.document)))
        }
        return PolicySet(entries)
    }

    /// A document of IAM, which has the same grammar as those of devices and may be longer.
    static func parse(_ text: String) throws(PolicyError) -> PolicyDocument {
        try PolicyDocument(parsing: text, maxCharacters: IdentityLimits.rolePolicyCharacters)
    }

    /// Whether a trust policy lets AWS IoT's credentials provider hand out the role.
    static func trustsCredentialsProvider(_ trust: String, _ context: PolicyContext) -> Bool {
        guard let document = try? self.statements(ofTrust: trust, for: "credentials.iot.amazonaws.com") else { return false }
        return PolicySet([.init(name: "trust", version: "", document: document)]).decide("sts:AssumeRole", "*", context).isAllowed
    }

    /// The statements of a trust policy that speak of a service: without their principal, on any resource, they are those of any policy.
    private static func statements(ofTrust trust: String, for service: String) throws -> PolicyDocument {
        guard var document = try JSONValue(parsing: trust).objectValue else { throw PolicyError("must be an object", at: "the document") }
        let statements = document["Statement"]?.arrayValue ?? document["Statement"].map { [$0] } ?? []
        let own = statements.compactMap { statement -> JSONValue? in
            guard var object = statement.objectValue, self.names(object["Principal"]).contains(where: { $0 == service || $0 == "*" }) else {
                return nil
            }
            object["Principal"] = nil
            object["Resource"] = "*"
            return .object(object)
        }
        document["Statement"] = .array(own)
        return try self.parse(JSONValue.object(document).serialized())
    }

    private static func names(_ principal: JSONValue?) -> [String] {
        if principal == "*" { return ["*"] }
        let services = principal?["Service"]
        return services?.arrayValue?.compactMap(\.stringValue) ?? services?.stringValue.map { [$0] } ?? []
    }

    /// - Throws: `PolicyError` for what is no trust policy.
    static func checkTrust(_ text: String) throws(PolicyError) {
        guard text.unicodeScalars.count <= IdentityLimits.trustPolicyCharacters else {
            throw PolicyError("the document has more than \(IdentityLimits.trustPolicyCharacters) characters")
        }
        guard let value = try? JSONValue(parsing: text), let document = value.objectValue else {
            throw PolicyError("the document is no JSON object")
        }
        let statements = document["Statement"]?.arrayValue ?? document["Statement"].map { [$0] } ?? []
        guard !statements.isEmpty else { throw PolicyError("the document has no Statement") }
        for (index, statement) in statements.enumerated() {
            guard let object = statement.objectValue, object["Effect"] != nil, object["Action"] != nil || object["NotAction"] != nil,
                object["Principal"] != nil || object["NotPrincipal"] != nil
            else { throw PolicyError("needs Effect, Principal and Action", at: "Statement[\(index)]") }
            guard object["Resource"] == nil, object["NotResource"] == nil else {
                throw PolicyError("has a Resource, which trust policies do not have", at: "Statement[\(index)]")
            }
        }
    }
}
