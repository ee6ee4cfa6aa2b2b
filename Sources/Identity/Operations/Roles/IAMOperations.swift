package import AWSAPI
import FoundationEssentials
import JSON
import Storage

extension AWSService {
    /// Roles and their policies: as much of IAM as devices' temporary credentials need.
    package static let iam = AWSService(
        name: "iam", signingNames: ["iam"], wire: .query(namespace: "https://iam.amazonaws.com/doc/2010-05-08/"),
        timestamps: ["CreateDate", "UpdateDate"], invalidRequestName: "ValidationError")

    package static let sts = AWSService(
        name: "sts", signingNames: ["sts"], wire: .query(namespace: "https://sts.amazonaws.com/doc/2011-06-15/"),
        invalidRequestName: "ValidationError")
}

enum IAMOperations {
    static func all(identity: IdentityService) -> [any AWSOperation] {
        [
            CreateRole(identity: identity), GetRole(identity: identity), ListRoles(identity: identity), UpdateRole(identity: identity),
            UpdateAssumeRolePolicy(identity: identity), DeleteRole(identity: identity), TagRole(identity: identity),
            UntagRole(identity: identity), ListRoleTags(identity: identity), ListInstanceProfilesForRole(identity: identity),
            PutRolePolicy(identity: identity), GetRolePolicy(identity: identity), DeleteRolePolicy(identity: identity),
            ListRolePolicies(identity: identity), CreateManagedPolicy(identity: identity), GetManagedPolicy(identity: identity),
            GetManagedPolicyVersion(identity: identity), ListManagedPolicyVersions(identity: identity),
            DeleteManagedPolicy(identity: identity), AttachRolePolicy(identity: identity), DetachRolePolicy(identity: identity),
            ListAttachedRolePolicies(identity: identity), GetCallerIdentity(identity: identity),
        ]
    }
}

extension AWSError {
    static func noSuchEntity(_ what: String) -> AWSError { AWSError(name: "NoSuchEntity", status: 404, message: what) }
    static func entityExists(_ what: String) -> AWSError { AWSError(name: "EntityAlreadyExists", status: 409, message: what) }
    static func roleConflict(_ what: String) -> AWSError { AWSError(name: "DeleteConflict", status: 409, message: what) }
    static func malformedRolePolicy(_ what: String) -> AWSError {
        AWSError(name: "MalformedPolicyDocument", status: 400, message: what)
    }
    static func roleLimit(_ what: String) -> AWSError { AWSError(name: "LimitExceeded", status: 409, message: what) }
}

extension InputPattern {
    /// Names of IAM.
    static let iamName = InputPattern("[\\w+=,.@-]+", ranges: ["az", "AZ", "09"], others: "_+=,.@-")
    /// `/`, or text between slashes.
    static let iamPath = InputPattern("(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)") { path in
        path.hasPrefix("/") && path.hasSuffix("/") && path.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension OperationInput {
    func roleName() throws(AWSError) -> String { try self.string("RoleName", max: 64, pattern: .iamName) }

    func iamPath() throws(AWSError) -> String {
        try self.optionalString("Path", min: 1, max: 512, pattern: .iamPath) ?? "/"
    }

    /// A number of the query protocol, whose values are all texts.
    func maxSessionDuration() throws(AWSError) -> Int64? {
        guard let text = try self.optionalString("MaxSessionDuration") else { return nil }
        guard let seconds = Int64(text), (3_600...43_200).contains(seconds) else {
            throw .constraint("Member must have value between 3600 and 43200", value: "'\(text.prefix(64))'", at: "maxSessionDuration")
        }
        return seconds
    }

    func trustPolicy(_ name: String) throws(AWSError) -> String {
        let text = try self.string(name, max: 131_072)
        do throws(PolicyError) {
            try RolePolicies.checkTrust(text)
        } catch {
            throw .malformedRolePolicy("\(error)")
        }
        return text
    }

    func rolePolicyDocument() throws(AWSError) -> String {
        let text = try self.string("PolicyDocument", max: 131_072)
        do throws(PolicyError) {
            _ = try RolePolicies.parse(text)
        } catch {
            throw .malformedRolePolicy("\(error)")
        }
        return text
    }
}

extension RoleTable {
    func required(_ name: String) throws -> Role {
        guard let role = try self.find(name) else { throw AWSError.noSuchEntity("The role with name \(name) cannot be found.") }
        return role
    }

    func requiredPolicy(_ name: String, in account: AccountContext) throws -> ManagedPolicy {
        guard let policy = try self.findPolicy(name) else {
            throw AWSError.noSuchEntity("Policy \(account.iamARN("policy/\(name)")) was not found.")
        }
        return policy
    }
}

extension Role {
    func json(in account: AccountContext, tags: [Tag] = []) -> JSONValue {
        var object: JSONObject = [
            "Path": .string(self.path), "RoleName": .string(self.name), "RoleId": .string(self.id),
            "Arn": .string(self.arn(in: account)), "CreateDate": self.created.json,
            "AssumeRolePolicyDocument": .string(Self.encoded(self.trust)),
        ]
        object["Description"] = self.description.map(JSONValue.string)
        object["MaxSessionDuration"] = .int(self.maxDuration)
        if !tags.isEmpty { object["Tags"] = .array(tags.map(\.json)) }
        return .object(object)
    }

    /// Documents are percent-encoded in answers (RFC 3986), as the API reference says.
    static func encoded(_ document: String) -> String { PercentEncoding.encode(document.utf8) }
}

/// The input of operations that take a role's name and nothing else.
struct RoleNameInput: OperationDecodable {
    let name: String

    init(_ input: OperationInput) throws {
        self.name = try input.roleName()
    }
}

/// Tags of roles are kept like those of other resources.
func roleResource(_ name: String) -> String { "iam/role/\(name)" }

/// How the lists of IAM are paged.
struct IAMListing: Sendable {
    let size: Int
    let marker: String?

    init(_ input: OperationInput) throws(AWSError) {
        let text = try input.optionalString("MaxItems")
        let size = text.map { Int($0) ?? 0 } ?? 100
        guard (1...1_000).contains(size) else {
            throw .constraint("Member must have value between 1 and 1000", value: "'\(text?.prefix(64) ?? "")'", at: "maxItems")
        }
        self.size = size
        self.marker = try input.optionalString("Marker")
    }

    func output<Item>(
        _ name: String, _ items: [Item], _ pages: PageTokens, position: (Item) -> String, json: (Item) -> JSONValue
    ) -> JSONObject {
        let shown = items.prefix(self.size)
        var result: JSONObject = [name: .array(shown.map(json)), "IsTruncated": .bool(items.count > self.size)]
        if items.count > self.size, let last = shown.last { result["Marker"] = .string(pages.token(after: position(last))) }
        return result
    }
}
