import AWSAPI
import JSON

/// `PUT /2017-10-31/functions/{FunctionName}/concurrency`: how many instances the function may have; 0 stops it.
struct PutFunctionConcurrency: AWSOperation {
    static let route = OperationRoute(.lambda, "PutFunctionConcurrency", "PUT", "/2017-10-31/functions/{FunctionName}/concurrency")

    let functions: FunctionService

    struct Input: OperationDecodable {
        let function: FunctionNameInput
        let reserved: Int

        init(_ input: OperationInput) throws {
            self.function = try FunctionNameInput(input)
            self.reserved = try input.int("ReservedConcurrentExecutions", range: 0...100_000)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let most = self.functions.limits.maxInstances
        guard input.reserved <= most else {
            throw AWSError.invalidParameter(
                "ReservedConcurrentExecutions is \(input.reserved); this server runs \(most) instances at most.")
        }
        _ = try await self.functions.change(try input.function.name(self.functions.account), isNewRevision: false) {
            $0.reservedConcurrency = input.reserved
        }
        return ["ReservedConcurrentExecutions": .int(Int64(input.reserved))]
    }
}

/// `GET /2019-09-30/functions/{FunctionName}/concurrency`: nothing when none is reserved.
struct GetFunctionConcurrency: AWSOperation {
    static let route = OperationRoute(.lambda, "GetFunctionConcurrency", "GET", "/2019-09-30/functions/{FunctionName}/concurrency")

    let functions: FunctionService

    func handle(_ input: FunctionNameInput, _ context: OperationContext) async throws -> JSONObject {
        let reserved = try await self.functions.find(try input.name(self.functions.account)).reservedConcurrency
        return reserved.map { ["ReservedConcurrentExecutions": .int(Int64($0))] } ?? [:]
    }
}

/// `DELETE /2017-10-31/functions/{FunctionName}/concurrency`.
struct DeleteFunctionConcurrency: AWSOperation {
    static let route = OperationRoute(
        .lambda, "DeleteFunctionConcurrency", "DELETE", "/2017-10-31/functions/{FunctionName}/concurrency", status: 204)

    let functions: FunctionService

    func handle(_ input: FunctionNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        _ = try await self.functions.change(try input.name(self.functions.account), isNewRevision: false) { $0.reservedConcurrency = nil }
        return EmptyOutput()
    }
}
