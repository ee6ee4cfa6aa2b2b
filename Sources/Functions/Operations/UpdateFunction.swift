import AWSAPI
import Foundation
import JSON
import Storage

/// `PUT /2015-03-31/functions/{FunctionName}/code`: another zip. Invocations under way end with the old one.
struct UpdateFunctionCode: AWSOperation {
    static let route = OperationRoute(.lambda, "UpdateFunctionCode", "PUT", "/2015-03-31/functions/{FunctionName}/code")

    let functions: FunctionService

    struct Input: OperationDecodable {
        let function: FunctionNameInput
        let body: JSONObject
        let isDryRun: Bool
        let revisionID: String?

        init(_ input: OperationInput) throws {
            self.function = try FunctionNameInput(input)
            self.body = try input.bodyObject()
            self.isDryRun = try input.bool("DryRun")
            self.revisionID = try input.optionalString("RevisionId")
            try FunctionCode.check(architectures: input)
            try FunctionCode.checkPublish(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let functions = self.functions
        let name = try input.function.name(functions.account)
        let zip = try FunctionCode.zip(.nested(input.body), limits: functions.limits)
        let found = try await functions.find(name)
        if input.isDryRun {
            let code = try await functions.unzipping { try await $0.check(zip) }
            var record = found
            (record.codeSHA256, record.codeSize) = (code.sha256, code.bytes)
            return record.configuration(functions.account)
        }
        let record = try await functions.withNewCode(zip) { code in
            try await functions.change(name) { record in
                guard input.revisionID == nil || input.revisionID == record.revisionID else { throw AWSError.revisionMismatch() }
                record.codeID = code.id
                record.codeSHA256 = code.sha256
                record.codeSize = code.bytes
            }
        }
        return record.configuration(functions.account)
    }
}

/// `PUT /2015-03-31/functions/{FunctionName}/configuration`: what is given changes.
struct UpdateFunctionConfiguration: AWSOperation {
    static let route = OperationRoute(
        .lambda, "UpdateFunctionConfiguration", "PUT", "/2015-03-31/functions/{FunctionName}/configuration")

    let functions: FunctionService

    struct Input: OperationDecodable {
        let function: FunctionNameInput
        let change: FunctionChange
        let revisionID: String?

        init(_ input: OperationInput) throws {
            self.function = try FunctionNameInput(input)
            self.change = try FunctionChange(input)
            self.revisionID = try input.optionalString("RevisionId")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let name = try input.function.name(self.functions.account)
        let record = try await self.functions.change(name) { record in
            guard input.revisionID == nil || input.revisionID == record.revisionID else { throw AWSError.revisionMismatch() }
            try input.change.apply(to: &record)
        }
        return record.configuration(self.functions.account)
    }
}

/// `DELETE /2015-03-31/functions/{FunctionName}`: with its code, its events and its instances.
struct DeleteFunction: AWSOperation {
    static let route = OperationRoute(.lambda, "DeleteFunction", "DELETE", "/2015-03-31/functions/{FunctionName}", status: 204)

    let functions: FunctionService

    func handle(_ input: FunctionNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        let name = try input.name(self.functions.account).name
        guard let gone = try await self.functions.store.write({ try FunctionTable(connection: $0).delete(name) }) else {
            throw AWSError.functionNotFound(self.functions.account.functionARN(name))
        }
        await self.functions.pool.changed(name, generation: gone.lastModified + 1, oldCode: gone.codeID)
        return EmptyOutput()
    }
}
