import AWSAPI
import Foundation
import JSON

/// A function as its row has it.
struct FunctionRecord: Sendable, Hashable {
    let name: String
    var runtime: FunctionRuntime
    var handler: String
    var role: String
    var description = ""
    var timeoutSeconds = 3
    var memoryMegabytes = 128
    var environment: [String: String] = [:]
    /// Names the code's file; new with each code.
    var codeID: String
    /// In base64, as Lambda gives it.
    var codeSHA256: String
    var codeSize: Int
    /// New with each change.
    var revisionID: String
    /// Milliseconds since 1970. It grows with each change that needs new instances.
    var lastModified: Int64
    /// Nil for what the limits have.
    var reservedConcurrency: Int?
    var tags: [String: String] = [:]
    var policy = ResourcePolicy()

    func arn(_ account: AccountContext) -> String { account.functionARN(self.name) }
}

// MARK: As the API shows it

extension FunctionRecord {
    /// `FunctionConfiguration` of the model.
    func configuration(_ account: AccountContext) -> JSONObject {
        var object: JSONObject = [
            "FunctionName": .string(self.name), "FunctionArn": .string(self.arn(account)), "Runtime": .string(self.runtime.rawValue),
            "Role": .string(self.role), "Handler": .string(self.handler), "CodeSize": .int(Int64(self.codeSize)),
            "Description": .string(self.description), "Timeout": .int(Int64(self.timeoutSeconds)),
            "MemorySize": .int(Int64(self.memoryMegabytes)), "LastModified": .string(Self.timestamp(self.lastModified)),
            "CodeSha256": .string(self.codeSHA256), "Version": .string(FunctionName.latest),
            "TracingConfig": ["Mode": "PassThrough"], "RevisionId": .string(self.revisionID), "State": "Active",
            "LastUpdateStatus": "Successful", "PackageType": "Zip", "Architectures": .array([.string(Self.architecture)]),
            "EphemeralStorage": ["Size": 512], "SnapStart": ["ApplyOn": "None", "OptimizationStatus": "Off"],
            "LoggingConfig": ["LogFormat": "Text", "LogGroup": .string(self.logGroup)],
        ]
        if !self.environment.isEmpty { object["Environment"] = ["Variables": .object(Self.object(self.environment))] }
        return object
    }

    var logGroup: String { "/aws/lambda/\(self.name)" }

    /// This machine's: functions run on it.
    static let architecture: String = {
        #if arch(arm64)
            "arm64"
        #else
            "x86_64"
        #endif
    }()

    /// "2026-02-03T04:05:06.000+0000", as Lambda writes it.
    private static func timestamp(_ milliseconds: Int64) -> String {
        let seconds = Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601).dropLast()
        let rest = String(milliseconds % 1000)
        return "\(seconds).\(String(repeating: "0", count: 3 - rest.count))\(rest)+0000"
    }

    static func object(_ map: [String: String]) -> JSONObject {
        var object: JSONObject = [:]
        for (key, value) in map.sorted(by: { $0.key < $1.key }) { object[key] = .string(value) }
        return object
    }
}
