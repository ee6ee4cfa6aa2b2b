import AWSAPI
import Foundation
import Functions
import JSON
import Logging
import NIOCore

/// Puts what functions write into this server's own CloudWatch Logs, as Lambda does.
struct FunctionLogs: FunctionLogSink {
    private static let principal = "lambda.amazonaws.com"

    /// Of one PutLogEvents, which takes 10,000 and a mebibyte with 26 bytes more for each.
    private static let maxEvents = 5_000

    let endpoint: AWSEndpoint
    let logger: Logger

    func write(group: String, stream: String, lines: [String]) async {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let events = lines.filter { !$0.isEmpty }.map { JSONValue.object(["timestamp": .int(now), "message": .string($0)]) }
        guard !events.isEmpty else { return }
        let place: JSONObject = ["logGroupName": .string(group), "logStreamName": .string(stream)]
        // That it is there already is the usual answer.
        _ = await self.call("CreateLogStream", place)
        for start in stride(from: 0, to: events.count, by: Self.maxEvents) {
            var batch = place
            batch["logEvents"] = .array(Array(events[start..<min(start + Self.maxEvents, events.count)]))
            guard let refusal = await self.call("PutLogEvents", batch).refusal else { continue }
            return self.logger.warning(
                "the output of a function could not be kept", metadata: ["group": "\(group)", "error": "\(refusal)"])
        }
    }

    private func call(_ operation: String, _ body: JSONObject) async -> APIResponse {
        let request = ServiceRequest.json("logs", prefix: "Logs_20140328", operation, body)
        var inner = APIRequest(
            method: request.method, target: request.target, headers: request.headers, host: "localhost", body: request.body)
        inner.isSecure = true
        return await self.endpoint.respond(to: inner, for: request.service, as: .service(principal: Self.principal, sourceARN: nil))
    }
}
