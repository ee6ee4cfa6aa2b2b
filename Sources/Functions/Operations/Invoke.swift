import AWSAPI
import Foundation
import HTTPTypes
import JSON
import NIOCore

/// `POST /2015-03-31/functions/{FunctionName}/invocations`: runs the function and gives its answer (RequestResponse), keeps the event and
/// runs it later (Event), or only says whether it may be run (DryRun).
struct Invoke: AWSOperation {
    static let route = OperationRoute(.lambda, "Invoke", "POST", "/2015-03-31/functions/{FunctionName}/invocations")

    let functions: FunctionService

    enum Kind: String, CaseIterable { case requestResponse = "RequestResponse", event = "Event", dryRun = "DryRun" }

    struct Input: OperationDecodable {
        let function: FunctionNameInput
        let kind: Kind
        let wantsLog: Bool
        let clientContext: String?
        let payload: ByteBuffer

        init(_ input: OperationInput) throws {
            self.function = try FunctionNameInput(input)
            let kinds = Kind.allCases.map(\.rawValue)
            let kind = try input.optionalWord("InvocationType", in: .header(.invocationType), of: kinds)
            self.kind = kind.flatMap(Kind.init(rawValue:)) ?? .requestResponse
            self.wantsLog = try input.optionalWord("LogType", in: .header(.logType), of: ["None", "Tail"]) == "Tail"
            self.clientContext = try input.optionalString("ClientContext", in: .header(.clientContext), max: 3583)
            self.payload = input.rawBody
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> InvokeOutput {
        let record = try await self.functions.find(try input.function.name(self.functions.account))
        try self.check(context.caller, record)
        let payload = try self.payload(input)
        switch input.kind {
        case .dryRun: return InvokeOutput(status: 204, result: nil, wantsLog: false)
        case .event:
            try await self.functions.events.accept(record.name, payload: payload, requestID: context.requestID)
            return InvokeOutput(status: 202, result: nil, wantsLog: false)
        case .requestResponse:
            let result = try await self.functions.invoker.invoke(
                record.name, payload: payload, requestID: context.requestID, clientContext: input.clientContext)
            return InvokeOutput(status: 200, result: result, wantsLog: input.wantsLog)
        }
    }

    /// Services need a statement of the function's policy; who signs with a key of the account does not.
    private func check(_ caller: Caller, _ record: FunctionRecord) throws(AWSError) {
        guard case .service(let principal, let source) = caller else { return }
        guard record.policy.allowsInvoke(by: principal, sourceARN: source, account: self.functions.account.account) else {
            throw .invokeDenied(principal, record.arn(self.functions.account))
        }
    }

    /// No payload is an empty object; another has to be JSON.
    private func payload(_ input: Input) throws(AWSError) -> [UInt8] {
        let limits = self.functions.limits
        let limit = input.kind == .event ? limits.maxEventBytes : limits.maxPayloadBytes
        let count = input.payload.readableBytes
        guard count <= limit else { throw .payloadTooLarge(count, limit: limit) }
        guard count > 0 else { return Array("{}".utf8) }
        let bytes = Array(input.payload.readableBytesView)
        do {
            _ = try JSONValue(parsing: bytes, limits: JSONLimits(maxBytes: count))
        } catch {
            throw .invalidContent("Could not parse request body into json: \(error)")
        }
        return bytes
    }
}

struct InvokeOutput: OperationEncodable {
    let status: Int
    /// Nil when the function did not run yet.
    let result: FunctionResult?
    let wantsLog: Bool

    func encoded() throws -> OperationOutput {
        var headers: HTTPFields = [.executedVersion: FunctionName.latest]
        if self.result?.isError ?? false { headers[.functionError] = "Unhandled" }
        if self.wantsLog, let result { headers[.logResult] = Data(result.logTail).base64EncodedString() }
        return OperationOutput(
            body: .bytes(ByteBuffer(bytes: self.result?.payload ?? []), contentType: "application/json"), headers: headers,
            status: self.status)
    }
}

extension HTTPField.Name {
    /// The names are constants that are valid header names, so the fallback is never taken; it exists because a trap must not.
    private static func constant(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .userAgent }

    static let invocationType = constant("X-Amz-Invocation-Type")
    static let logType = constant("X-Amz-Log-Type")
    static let clientContext = constant("X-Amz-Client-Context")
    static let executedVersion = constant("X-Amz-Executed-Version")
    static let functionError = constant("X-Amz-Function-Error")
    static let logResult = constant("X-Amz-Log-Result")
}
