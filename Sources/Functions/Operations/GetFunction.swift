import AWSAPI
import JSON

/// `GET /2015-03-31/functions/{FunctionName}`: configuration, tags and concurrency. The code itself is not given back.
struct GetFunction: AWSOperation {
    static let route = OperationRoute(.lambda, "GetFunction", "GET", "/2015-03-31/functions/{FunctionName}")

    let functions: FunctionService

    func handle(_ input: FunctionNameInput, _ context: OperationContext) async throws -> JSONObject {
        let record = try await self.functions.find(try input.name(self.functions.account))
        var object: JSONObject = [
            "Configuration": .object(record.configuration(self.functions.account)), "Code": ["RepositoryType": "S3"],
        ]
        if !record.tags.isEmpty { object["Tags"] = .object(FunctionRecord.object(record.tags)) }
        if let reserved = record.reservedConcurrency {
            object["Concurrency"] = ["ReservedConcurrentExecutions": .int(Int64(reserved))]
        }
        return object
    }
}

/// `GET /2015-03-31/functions/{FunctionName}/configuration`.
struct GetFunctionConfiguration: AWSOperation {
    static let route = OperationRoute(
        .lambda, "GetFunctionConfiguration", "GET", "/2015-03-31/functions/{FunctionName}/configuration")

    let functions: FunctionService

    func handle(_ input: FunctionNameInput, _ context: OperationContext) async throws -> JSONObject {
        try await self.functions.find(try input.name(self.functions.account)).configuration(self.functions.account)
    }
}

/// `GET /2015-03-31/functions/{FunctionName}/versions`: there is one, `$LATEST`.
struct ListVersionsByFunction: AWSOperation {
    static let route = OperationRoute(.lambda, "ListVersionsByFunction", "GET", "/2015-03-31/functions/{FunctionName}/versions")

    let functions: FunctionService

    func handle(_ input: FunctionNameInput, _ context: OperationContext) async throws -> JSONObject {
        let record = try await self.functions.find(try input.name(self.functions.account))
        return ["Versions": .array([.object(record.configuration(self.functions.account))])]
    }
}

/// `GET /2020-06-30/functions/{FunctionName}/code-signing-config`: no function has one.
struct GetFunctionCodeSigningConfig: AWSOperation {
    static let route = OperationRoute(
        .lambda, "GetFunctionCodeSigningConfig", "GET", "/2020-06-30/functions/{FunctionName}/code-signing-config")

    let functions: FunctionService

    func handle(_ input: FunctionNameInput, _ context: OperationContext) async throws -> JSONObject {
        ["FunctionName": .string(try await self.functions.find(try input.name(self.functions.account)).name)]
    }
}
