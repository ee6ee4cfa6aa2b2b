import AWSAPI
import JSON
import Storage

/// What a principal would be allowed, and by which policies.
struct TestAuthorization: AWSOperation {
    static let route = OperationRoute(.iot, "TestAuthorization", "POST", "/test-authorization")

    let identity: IdentityService

    struct Question: Sendable {
        let actionType: String?
        let action: PolicyAction
        let resources: [String]
    }

    struct Input: OperationDecodable {
        let principal: String
        let clientID: String?
        let questions: [Question]
        let policiesToAdd: [String]
        let policiesToSkip: [String]

        /// As the model has it.
        private static let maxQuestions = 10
        /// The model has no bound; each resource is a walk through the policies.
        private static let maxResources = 100

        init(_ input: OperationInput) throws {
            guard let principal = try input.testedPrincipal() else { throw AWSError.principalRequired }
            self.principal = principal
            self.clientID = try input.optionalString("clientId", in: .query, max: 128)
            self.policiesToAdd = try Self.names("policyNamesToAdd", input)
            self.policiesToSkip = try Self.names("policyNamesToSkip", input)
            guard let items = try input.optionalArray("authInfos", maxCount: Self.maxQuestions), !items.isEmpty else {
                throw AWSError.constraint("Member must have length greater than or equal to 1", value: "'[]'", at: "authInfos")
            }
            self.questions = try items.map(Self.question)
        }

        private static func names(_ name: String, _ input: OperationInput) throws(AWSError) -> [String] {
            try input.optionalStringList(name, maxCount: IdentityLimits.policyNamesPerTest, max: 128, pattern: .policyName) ?? []
        }

        private static func question(_ item: JSONValue) throws -> Question {
            guard let object = item.objectValue else {
                throw AWSError.invalidRequest("The members of 'authInfos' must be objects")
            }
            let nested = OperationInput.nested(object)
            let type = try nested.word("actionType", of: ["PUBLISH", "SUBSCRIBE", "RECEIVE", "CONNECT"])
            let resources = try nested.stringList("resources", maxCount: Self.maxResources, max: 2_048)
            guard !resources.isEmpty else { throw AWSError.invalidRequest("'resources' must name at least one resource") }
            let action: PolicyAction =
                switch type {
                case "PUBLISH": .publish
                case "SUBSCRIBE": .subscribe
                case "RECEIVE": .receive
                default: .connect
                }
            return Question(actionType: type, action: action, resources: resources)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let target = try PolicyTarget(input.principal, in: context.account)
        let identity = self.identity
        let authority = try await identity.store.read { connection in
            try identity.checkExists(target, in: connection)
            return try identity.testAuthority(
                of: target, clientID: input.clientID, adding: input.policiesToAdd, skipping: input.policiesToSkip, in: connection)
        }
        return ["authResults": .array(input.questions.map { Self.result($0, authority, context.account) })]
    }

    private static func result(_ question: Question, _ authority: EffectiveAuthority, _ account: AccountContext) -> JSONValue {
        let answers = question.resources.map { authority.explain(question.action, arn: $0, isConnect: question.action == .connect) }
        let denying = Self.names(answers.flatMap(\.denying).map(\.policyName))
        let allowing = Self.names(answers.flatMap(\.allowing).map(\.policyName))
        let silent = Self.names(answers.flatMap(\.silentPolicies)).filter { !denying.contains($0) && !allowing.contains($0) }
        // The decision is about all of the resources: one that is denied denies.
        let isDenied = answers.contains(where: \.decision.isExplicitDeny)
        let isAllowed = answers.allSatisfy(\.decision.isAllowed)
        let decision = isDenied ? "EXPLICIT_DENY" : isAllowed ? "ALLOWED" : "IMPLICIT_DENY"
        let list = { (names: [String]) -> JSONValue in ["policies": .array(names.map(account.policySummary))] }
        var info: JSONObject = ["resources": .array(question.resources.map(JSONValue.string))]
        info["actionType"] = question.actionType.map(JSONValue.string)
        return [
            "authInfo": .object(info),
            "allowed": list(allowing),
            "denied": ["implicitDeny": list(silent), "explicitDeny": list(denying)],
            "authDecision": .string(decision),
            "missingContextValues": .array(Self.names(answers.flatMap(\.missingVariables)).map(JSONValue.string)),
        ]
    }

    /// Each once, in order of appearance.
    private static func names(_ names: [String]) -> [String] {
        var result: [String] = []
        for name in names where !result.contains(name) { result.append(name) }
        return result
    }
}

extension PolicyDecision {
    fileprivate var isExplicitDeny: Bool {
        if case .explicitDeny = self.outcome { true } else { false }
    }
}

extension OperationInput {
    /// Cognito identity pools are not kept here: one means nothing without a principal.
    func testedPrincipal() throws(AWSError) -> String? {
        let principal = try self.optionalString("principal", min: 1, max: 2_048)
        if try self.optionalString("cognitoIdentityPoolId") != nil && principal == nil {
            throw .invalidRequest("cognitoIdentityPoolId is not supported without a principal: name the Cognito identity as principal")
        }
        return principal
    }
}

extension AWSError {
    static let principalRequired = AWSError.invalidRequest("A principal is required")
}

extension IdentityService {
    func testAuthority(
        of target: PolicyTarget, clientID: String?, adding: [String], skipping: [String], in connection: any StoreConnection
    ) throws -> EffectiveAuthority {
        var thing = try self.loader.thing(of: target, clientID: clientID, in: connection)
        var policies = try self.loader.policies(of: target, in: connection).adding(thing.groupPolicies)
        thing.groupPolicies = PolicySet()
        policies.documents.removeAll { skipping.contains($0.name) }
        let table = PolicyTable(connection: connection)
        for name in adding where !policies.documents.contains(where: { $0.name == name }) {
            policies.documents.append(try self.loader.entry(try table.required(name), in: connection))
        }
        var subject = AuthoritySubject(principal: .anonymous, clientID: clientID, sourceAddress: "")
        var attributes: CertificateAttributes?
        if case .certificate(let id) = target {
            subject.principal = .certificate(id: id)
            attributes = try CertificateTable(connection: connection).find(id).map(DeviceCertificate.init)?.attributes
        }
        return self.loader.effective(subject, policies: policies, certificate: attributes, thing: thing)
    }
}
