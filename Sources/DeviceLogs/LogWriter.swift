import AWSAPI
import JSON

/// Puts lines into CloudWatch Logs, wherever the configuration says that it is.
struct LogWriter: Sendable {
    let transport: any ServiceTransport

    struct Line: Sendable {
        let milliseconds: Int64
        let text: String
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        let isMissing: Bool
    }

    /// The lines of one PutLogEvents, at most: ordered by their times, within the limits of the call.
    static func batches(_ lines: [Line]) -> [[Line]] {
        var batches: [[Line]] = []
        var bytes = 0
        for line in lines.sorted(by: { $0.milliseconds < $1.milliseconds }) {
            let size = line.text.utf8.count + 26
            if let last = batches.last, last.count < DeviceLogLimits.batchEntries, bytes + size <= DeviceLogLimits.batchBytes {
                batches[batches.count - 1].append(line)
                bytes += size
            } else {
                batches.append([line])
                bytes = size
            }
        }
        return batches
    }

    /// Makes the group and the stream when they are not there.
    func put(_ lines: [Line], group: String, stream: String) async throws(Failure) {
        let place: JSONObject = ["logGroupName": .string(group), "logStreamName": .string(stream)]
        var body = place
        body["logEvents"] = .array(lines.map { ["timestamp": .int($0.milliseconds), "message": .string($0.text)] })
        do throws(Failure) {
            try await self.call("PutLogEvents", body)
        } catch  where error.isMissing {
            try await self.create("CreateLogGroup", ["logGroupName": .string(group)])
            try await self.create("CreateLogStream", place)
            try await self.call("PutLogEvents", body)
        }
    }

    private func create(_ operation: String, _ body: JSONObject) async throws(Failure) {
        try await self.call(operation, body, allowing: "ResourceAlreadyExistsException")
    }

    private func call(_ operation: String, _ body: JSONObject, allowing allowed: String? = nil) async throws(Failure) {
        let response: APIResponse
        do {
            response = try await self.transport.send(.json("logs", prefix: "Logs_20140328", operation, body))
        } catch {
            throw Failure(description: "\(error)", isMissing: false)
        }
        guard let refusal = response.refusal, refusal.name != allowed else { return }
        throw Failure(description: "\(operation): \(refusal)", isMissing: refusal.name == "ResourceNotFoundException")
    }
}
