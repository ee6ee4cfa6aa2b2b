import Foundation

/// One invocation on its way to an instance.
struct Invocation: Sendable, Hashable {
    let requestID: String
    let payload: [UInt8]
    let functionARN: String
    /// `X-Amz-Client-Context`, in base64 as it came.
    let clientContext: String?
    let timeout: Duration
}

/// How an invocation ended, as the instance saw it.
enum InvocationOutcome: Sendable, Equatable {
    case response([UInt8])
    /// The function said that it failed: Lambda's error document as the runtime sent it.
    case failed([UInt8])
    /// The runtime could not start the function.
    case initFailed([UInt8])
    case timedOut(Duration)
    /// It did not ask for work in time.
    case initTimedOut(Duration)
    /// There is no process that could run it: no bootstrap, no interpreter.
    case cannotStart(String)
    /// The process ended by itself, or was killed by someone else.
    case exited(String)
    case outOfMemory(megabytes: Int)
    case responseTooLarge(limit: Int)
}

/// What comes of an invocation.
package struct FunctionResult: Sendable, Hashable {
    /// The function's answer, or an error document.
    package let payload: [UInt8]
    /// Whether it is an error document ("Unhandled" in `X-Amz-Function-Error`).
    package let isError: Bool
    /// The end of what it wrote, with Lambda's own lines.
    package let logTail: [UInt8]

    /// The error document's text, for people; nil for a success.
    package var errorText: String? { self.isError ? String(decoding: self.payload.prefix(1024), as: UTF8.self) : nil }
}

extension InvocationOutcome {
    /// The payload that Invoke gives, and whether it is an error.
    func payload(requestID: String) -> (bytes: [UInt8], isError: Bool) {
        switch self {
        case .response(let bytes): (bytes, false)
        case .failed(let bytes), .initFailed(let bytes): (bytes, true)
        case .timedOut(let time):
            Self.document("Sandbox.Timedout", "RequestId: \(requestID) Error: Task timed out after \(time.text) seconds")
        case .initTimedOut(let time):
            Self.document(
                "Sandbox.Timedout",
                "RequestId: \(requestID) Error: The runtime did not ask for work within \(time.text) seconds of its start")
        case .cannotStart(let why): Self.document("Runtime.InvalidEntrypoint", "RequestId: \(requestID) Error: \(why)")
        case .exited(let how): Self.document("Runtime.ExitError", "RequestId: \(requestID) Error: \(how)")
        case .outOfMemory(let megabytes):
            Self.document(
                "Runtime.OutOfMemory",
                "RequestId: \(requestID) Error: Runtime exited with error: signal: killed (it used more than \(megabytes) MB)")
        case .responseTooLarge(let limit):
            Self.document("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (\(limit) bytes).")
        }
    }

    private static func document(_ type: String, _ message: String) -> ([UInt8], Bool) {
        (FunctionErrorDocument.bytes(type: type, message: message), true)
    }

    /// Whether the instance can serve another invocation.
    var leavesInstanceUsable: Bool {
        switch self {
        case .response, .failed, .responseTooLarge: true
        case .initFailed, .timedOut, .initTimedOut, .cannotStart, .exited, .outOfMemory: false
        }
    }
}

extension Duration {
    /// "3.00"
    var text: String { String(format: "%.2f", self.seconds) }
    var seconds: Double { Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18 }
    var milliseconds: Double { self.seconds * 1000 }
}
