import Foundation
import HTTPTypes
import JSON
import NIOCore

/// Lambda's Runtime API (2018-06-01) for one instance.
struct RuntimeAPI: Sendable {
    static let version = "2018-06-01"

    let instance: FunctionInstance
    let limits: FunctionLimits

    func answer(_ request: RuntimeRequest) async -> RuntimeAnswer {
        let path = request.path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
        guard path.count >= 4, path[0] == Self.version, path[1] == "runtime" else { return Self.unknown }
        switch (request.method, path[2], Array(path[3...])) {
        case ("GET", "invocation", ["next"]): return await self.next()
        case ("POST", "init", ["error"]):
            await self.instance.failedToStart(Self.document(request))
            return Self.accepted
        case ("POST", "invocation", let rest) where rest.count == 2 && rest[1] == "response":
            return await self.finish(rest[0], self.response(request))
        case ("POST", "invocation", let rest) where rest.count == 2 && rest[1] == "error":
            return await self.finish(rest[0], .failed(Self.document(request)))
        default: return Self.unknown
        }
    }

    private func next() async -> RuntimeAnswer {
        guard let invocation = await self.instance.next() else {
            return Self.problem(410, "InstanceEnded", "There will be no more invocations for this instance.")
        }
        var headers: HTTPFields = [.contentType: "application/json"]
        let deadline = Date().timeIntervalSince1970 * 1000 + invocation.timeout.milliseconds
        headers[.runtimeRequestID] = invocation.requestID
        headers[.runtimeDeadline] = String(Int64(deadline))
        headers[.runtimeFunctionARN] = invocation.functionARN
        headers[.runtimeTraceID] =
            "Root=1-\(String(Int64(deadline / 1000), radix: 16))-\(invocation.requestID.filter(\.isHexDigit).prefix(24))"
        // The runtime reads JSON; Invoke has it in base64.
        headers[.runtimeClientContext] = invocation.clientContext.flatMap { Data(base64Encoded: $0) }
            .map { String(decoding: $0, as: UTF8.self) }
        return RuntimeAnswer(status: 200, headers: headers, body: ByteBuffer(bytes: invocation.payload))
    }

    /// Who asked for an invocation was gone when its answer was written.
    func lost(_ answer: RuntimeAnswer) async {
        if let requestID = answer.headers[.runtimeRequestID] { await self.instance.lost(requestID) }
    }

    private func response(_ request: RuntimeRequest) -> InvocationOutcome {
        request.isTooLarge ? .responseTooLarge(limit: self.limits.maxPayloadBytes) : .response(Self.bytes(request.body))
    }

    private func finish(_ requestID: String, _ outcome: InvocationOutcome) async -> RuntimeAnswer {
        guard await self.instance.answered(requestID, outcome) else {
            return Self.problem(400, "InvalidRequestID", "\(requestID.prefix(64)) is not the invocation that this instance has.")
        }
        if case .responseTooLarge = outcome { return Self.problem(413, "RequestEntityTooLarge", "The response is too large.") }
        return Self.accepted
    }

    /// What the runtime says of its failure, or what the header says of it.
    private static func document(_ request: RuntimeRequest) -> [UInt8] {
        let bytes = Self.bytes(request.body)
        if (try? JSONValue(parsing: bytes, limits: JSONLimits(maxBytes: max(1, bytes.count)))) != nil { return bytes }
        return FunctionErrorDocument.bytes(
            type: request.headers[.runtimeErrorType] ?? "Unhandled", message: String(decoding: bytes.prefix(1024), as: UTF8.self))
    }

    private static func bytes(_ body: ByteBuffer) -> [UInt8] { Array(body.readableBytesView) }

    private static let accepted = RuntimeAnswer(
        status: 202, headers: [.contentType: "application/json"], body: ByteBuffer(string: #"{"status":"OK"}"#))
    private static let unknown = Self.problem(404, "NotFound", "The Runtime API \(Self.version) has no such resource.")

    private static func problem(_ status: Int, _ type: String, _ message: String) -> RuntimeAnswer {
        RuntimeAnswer(
            status: status, headers: [.contentType: "application/json"],
            body: ByteBuffer(bytes: FunctionErrorDocument.bytes(type: type, message: message)))
    }
}

extension HTTPField.Name {
    /// The names are constants that are valid header names, so the fallback is never taken; it exists because a trap must not.
    private static func constant(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .userAgent }

    static let runtimeRequestID = constant("Lambda-Runtime-Aws-Request-Id")
    static let runtimeDeadline = constant("Lambda-Runtime-Deadline-Ms")
    static let runtimeFunctionARN = constant("Lambda-Runtime-Invoked-Function-Arn")
    static let runtimeTraceID = constant("Lambda-Runtime-Trace-Id")
    static let runtimeClientContext = constant("Lambda-Runtime-Client-Context")
    static let runtimeErrorType = constant("Lambda-Runtime-Function-Error-Type")
}
