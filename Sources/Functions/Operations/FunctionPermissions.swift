import AWSAPI
import JSON

/// `POST /2015-03-31/functions/{FunctionName}/policy`: lets a service invoke the function, for instance rules (`iot.amazonaws.com`).
struct AddPermission: AWSOperation {
    static let route = OperationRoute(.lambda, "AddPermission", "POST", "/2015-03-31/functions/{FunctionName}/policy", status: 201)

    let functions: FunctionService

    struct Input: OperationDecodable {
        let function: FunctionNameInput
        let statement: ResourcePolicy.Statement
        let revisionID: String?

        init(_ input: OperationInput) throws {
            self.function = try FunctionNameInput(input)
            for name in ["EventSourceToken", "PrincipalOrgID", "FunctionUrlAuthType"] where try input.value(name) != nil {
                throw AWSError.invalidParameter("\(name) is not supported by Roost.")
            }
            self.statement = ResourcePolicy.Statement(
                id: try input.string("StatementId", max: 100), principal: try input.string("Principal", max: 256),
                action: try input.string("Action", max: 256), sourceARN: try input.optionalString("SourceArn", max: 2048),
                sourceAccount: try input.optionalString("SourceAccount", max: 12))
            self.revisionID = try input.optionalString("RevisionId")
            guard self.statement.action == "*" || self.statement.action.hasPrefix("lambda:") else {
                throw AWSError.invalidParameter("Action: \(self.statement.action) is not an action of lambda.")
            }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let name = try input.function.name(self.functions.account)
        _ = try await self.functions.change(name, isNewRevision: false) { record in
            guard input.revisionID == nil || input.revisionID == record.revisionID else { throw AWSError.revisionMismatch() }
            guard !record.policy.statements.contains(where: { $0.id == input.statement.id }) else {
                throw AWSError.resourceConflict(
                    "The statement id (\(input.statement.id)) provided already exists. Please provide a new statement id, or remove the existing "
                        + "statement.")
            }
            guard record.policy.statements.count < FunctionLimits.maxStatements else {
                throw AWSError.invalidParameter("A function's policy has at most \(FunctionLimits.maxStatements) statements.")
            }
            record.policy.statements.append(input.statement)
        }
        let document = input.statement.document(self.functions.account.functionARN(name.name))
        return ["Statement": .string(JSONValue.object(document).serialized())]
    }
}

/// `DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}`.
struct RemovePermission: AWSOperation {
    static let route = OperationRoute(
        .lambda, "RemovePermission", "DELETE", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}", status: 204)

    let functions: FunctionService

    struct Input: OperationDecodable {
        let function: FunctionNameInput
        let id: String

        init(_ input: OperationInput) throws {
            self.function = try FunctionNameInput(input)
            self.id = try input.string("StatementId", in: .label, max: 100)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        _ = try await self.functions.change(try input.function.name(self.functions.account), isNewRevision: false) { record in
            guard let place = record.policy.statements.firstIndex(where: { $0.id == input.id }) else {
                throw AWSError.lambdaNotFound("Statement \(input.id) is not found in resource policy.")
            }
            record.policy.statements.remove(at: place)
        }
        return EmptyOutput()
    }
}

/// `GET /2015-03-31/functions/{FunctionName}/policy`.
struct GetPolicy: AWSOperation {
    static let route = OperationRoute(.lambda, "GetPolicy", "GET", "/2015-03-31/functions/{FunctionName}/policy")

    let functions: FunctionService

    func handle(_ input: FunctionNameInput, _ context: OperationContext) async throws -> JSONObject {
        let record = try await self.functions.find(try input.name(self.functions.account))
        guard !record.policy.statements.isEmpty else { throw AWSError.lambdaNotFound("The resource you requested does not exist.") }
        let document = record.policy.document(record.arn(self.functions.account))
        return ["Policy": .string(JSONValue.object(document).serialized()), "RevisionId": .string(record.revisionID)]
    }
}
