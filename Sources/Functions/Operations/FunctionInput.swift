import AWSAPI
import Foundation
import HTTPTypes
import JSON

/// The function that an operation's path names.
struct FunctionNameInput: OperationDecodable {
    let text: String
    let qualifier: String?

    init(_ input: OperationInput) throws {
        self.text = try input.string("FunctionName", in: .label, max: 170)
        self.qualifier = try input.optionalString("Qualifier", in: .query)
    }

    func name(_ account: AccountContext) throws(AWSError) -> FunctionName {
        try FunctionName(self.text, account: account, qualifier: self.qualifier)
    }
}

/// What CreateFunction and UpdateFunctionConfiguration can set; nil for what was not given.
struct FunctionChange: Sendable {
    let runtime: FunctionRuntime?
    let handler: String?
    let role: String?
    let description: String?
    let timeoutSeconds: Int?
    let memoryMegabytes: Int?
    let environment: [String: String]?

    /// Members that change nothing here when they are empty, and are refused by name otherwise.
    private static let unsupported = [
        "VpcConfig", "DeadLetterConfig", "KMSKeyArn", "Layers", "FileSystemConfigs", "ImageConfig", "CodeSigningConfigArn", "TenancyConfig",
        "CapacityProviderConfig", "DurableConfig", "AcceleratorConfig",
    ]

    init(_ input: OperationInput) throws {
        self.runtime = try input.optionalString("Runtime").map { text throws(AWSError) in try FunctionRuntime(named: text) }
        self.handler = try input.optionalString("Handler", max: 128)
        if let handler, handler.contains(where: { $0.isWhitespace || $0 == "\0" }) {
            throw AWSError.invalidParameter("Handler has a space or a null character.")
        }
        self.role = try input.optionalString("Role", max: 2048)
        if let role, !role.hasPrefix("arn:") { throw AWSError.invalidParameter("Role: \(role) is not the ARN of a role.") }
        self.description = try input.optionalString("Description", max: 256)
        self.timeoutSeconds = try input.optionalInt("Timeout", range: FunctionLimits.timeouts)
        self.memoryMegabytes = try input.optionalInt("MemorySize", range: FunctionLimits.memories)
        self.environment = try Self.environment(input)
        try Self.checkFixed(input)
        for name in Self.unsupported {
            guard let value = try input.value(name) else { continue }
            guard Self.isEmpty(value) else { throw AWSError.invalidParameter("\(name) is not supported by Roost.") }
        }
    }

    /// Members that have one value here: another one is refused by name.
    private static func checkFixed(_ input: OperationInput) throws {
        let fixed: [(String, String, JSONValue)] = [
            ("EphemeralStorage", "Size", .int(512)), ("TracingConfig", "Mode", "PassThrough"), ("SnapStart", "ApplyOn", "None"),
            ("LoggingConfig", "LogFormat", "Text"),
        ]
        for (name, member, only) in fixed {
            guard let value = try input.optionalObject(name)?[member], value != .null, value != only else { continue }
            throw AWSError.invalidParameter("\(name): \(member) is always \(only.serialized()) in Roost.")
        }
        for member in ["LogGroup", "ApplicationLogLevel", "SystemLogLevel"] {
            guard let value = try input.optionalObject("LoggingConfig")?[member], !Self.isEmpty(value) else { continue }
            throw AWSError.invalidParameter("LoggingConfig: \(member) is not supported by Roost.")
        }
    }

    /// Clients send structures without content for what was not asked of them.
    private static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .null: true
        case .string(let text): text.isEmpty
        case .array(let items): items.isEmpty
        case .object(let object): object.allSatisfy { Self.isEmpty($0.value) }
        default: false
        }
    }

    private static func environment(_ input: OperationInput) throws -> [String: String]? {
        guard let object = try input.optionalObject("Environment") else { return nil }
        let variables = try OperationInput.nested(object).optionalStringMap("Variables") ?? [:]
        for name in variables.keys {
            let isName = name.first?.isLetter ?? false && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard isName else { throw AWSError.invalidParameter("\(name) is no name of an environment variable.") }
            guard !Self.reserved.contains(name), !name.hasPrefix("AWS_LAMBDA_") else {
                throw AWSError.invalidParameter(
                    "Lambda was unable to configure your environment variables because the environment variables you have provided contains "
                        + "reserved keys that are currently not supported for modification. Reserved keys used in this request: \(name)")
            }
        }
        for (name, value) in variables where value.utf8.contains(0) {
            throw AWSError.invalidParameter("The environment variable \(name) has a null character.")
        }
        let bytes = variables.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard bytes <= FunctionLimits.maxEnvironmentBytes else {
            throw AWSError.invalidParameter(
                "The environment variables have \(bytes) bytes together; \(FunctionLimits.maxEnvironmentBytes) are the most.")
        }
        return variables
    }

    private static let reserved: Set<String> = [
        "_HANDLER", "LAMBDA_TASK_ROOT", "AWS_EXECUTION_ENV", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    ]

    func apply(to record: inout FunctionRecord) throws {
        if let runtime { record.runtime = runtime }
        if let handler { record.handler = handler }
        if let role { record.role = role }
        if let description { record.description = description }
        if let timeoutSeconds { record.timeoutSeconds = timeoutSeconds }
        if let memoryMegabytes { record.memoryMegabytes = memoryMegabytes }
        if let environment { record.environment = environment }
        guard !record.runtime.isPython || !record.handler.isEmpty else {
            throw AWSError.invalidParameter("Runtime \(record.runtime.rawValue) needs a Handler, for instance module.function.")
        }
    }
}

/// A zip in a request.
enum FunctionCode {
    static func zip(_ input: OperationInput, limits: FunctionLimits) throws -> Data {
        for name in ["S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri", "SourceKMSKeyArn"] where try input.value(name) != nil {
            throw AWSError.invalidParameter("\(name) is not supported by Roost: give the code as ZipFile.")
        }
        guard let text = try input.optionalString("ZipFile") else {
            throw AWSError.invalidParameter("Please provide a source for function code.")
        }
        guard let zip = Data(base64Encoded: text) else { throw AWSError.invalidParameter("ZipFile is not base64.") }
        guard zip.count <= limits.maxZipBytes else { throw AWSError.zipTooLarge(limit: limits.maxZipBytes) }
        return zip
    }

    static func checkPublish(_ input: OperationInput) throws {
        guard try !input.bool("Publish") else {
            throw AWSError.invalidParameter("Publish is not supported by Roost: there is one version, \(FunctionName.latest).")
        }
    }

    static func check(architectures input: OperationInput) throws {
        for architecture in try input.optionalStringList("Architectures") ?? [] where architecture != FunctionRecord.architecture {
            throw AWSError.invalidParameter(
                "This machine runs functions for \(FunctionRecord.architecture), not for \(architecture.prefix(32)).")
        }
    }
}

extension FunctionService {
    /// Puts code on disk for a change that names it, and takes it away again when the change fails.
    ///
    /// - Throws: InvalidParameterValueException that says what is wrong with the zip.
    func withNewCode<Result: Sendable>(_ zip: Data, _ change: (CodeStore.Code) async throws -> Result) async throws -> Result {
        let code = try await self.unzipping { try await $0.add(zip) }
        do {
            return try await change(code)
        } catch {
            await self.code.remove(code.id)
            throw error
        }
    }

    func unzipping(_ work: (CodeStore) async throws -> CodeStore.Code) async throws -> CodeStore.Code {
        do {
            return try await work(self.code)
        } catch let problem as ZipProblem {
            throw AWSError.invalidParameter("Could not unzip uploaded file. Please check your file, then try to upload again: \(problem).")
        }
    }
}
