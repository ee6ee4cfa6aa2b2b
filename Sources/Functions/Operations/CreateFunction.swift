import AWSAPI
import Foundation
import JSON
import Storage

/// `POST /2015-03-31/functions`: a function of a zip. It is active when the call returns.
struct CreateFunction: AWSOperation {
    static let route = OperationRoute(.lambda, "CreateFunction", "POST", "/2015-03-31/functions", status: 201)

    let functions: FunctionService

    struct Input: OperationDecodable {
        let name: String
        let runtime: FunctionRuntime
        let change: FunctionChange
        let code: JSONObject
        let tags: [String: String]

        init(_ input: OperationInput) throws {
            self.name = try input.string("FunctionName", max: 170)
            guard try input.optionalString("PackageType") ?? "Zip" == "Zip" else {
                throw AWSError.invalidParameter("PackageType Image is not supported by Roost: give the code as a zip.")
            }
            try FunctionCode.check(architectures: input)
            try FunctionCode.checkPublish(input)
            _ = try input.string("Role")
            self.change = try FunctionChange(input)
            guard let runtime = self.change.runtime else {
                throw AWSError.invalidParameter(
                    "Runtime and Handler are mandatory parameters for functions created with deployment packages.")
            }
            self.runtime = runtime
            self.code = try input.object("Code")
            self.tags = try input.optionalStringMap("Tags", maxCount: FunctionLimits.maxTags) ?? [:]
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let functions = self.functions
        let name = try FunctionName(input.name, account: functions.account).name
        let zip = try FunctionCode.zip(.nested(input.code), limits: functions.limits)
        guard try await functions.store.read({ try FunctionTable(connection: $0).find(name) }) == nil else {
            throw AWSError.functionExists(name)
        }
        return try await functions.withNewCode(zip) { code in
            var record = FunctionRecord(
                name: name, runtime: input.runtime, handler: "", role: "", codeID: code.id, codeSHA256: code.sha256, codeSize: code.bytes,
                revisionID: UUID().uuidString.lowercased(), lastModified: functions.clock())
            record.tags = input.tags
            try input.change.apply(to: &record)
            try await functions.put(record)
            return record.configuration(functions.account)
        }
    }
}

extension FunctionService {
    /// A new function on disk.
    fileprivate func put(_ record: FunctionRecord) async throws {
        let limit = self.limits.maxFunctions
        try await self.store.write { connection in
            let table = FunctionTable(connection: connection)
            guard try table.find(record.name) == nil else { throw AWSError.functionExists(record.name) }
            guard try table.count() < limit else { throw AWSError.codeStorageExceeded("There are \(limit) functions, which is the most.") }
            try table.put(record)
        }
    }
}
