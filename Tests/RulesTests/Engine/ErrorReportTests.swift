import JSON
import Testing

@testable import Rules

@Suite("What an error action is given")
struct ErrorReportTests {
    private static func message(_ topic: String, _ payload: String) -> SQLMessage {
        SQLMessage(
            topic: topic, payload: Array(payload.utf8), clientID: "lamp", principal: nil, sourceIP: "10.0.0.1", traceID: "trace",
            accountID: "123456789012", timestampMilliseconds: 0, properties: .init())
    }

    private static func failure(_ message: String, _ batch: BatchReport?) -> ActionFailure {
        ActionFailure(action: "HttpAction", resource: "https://x", message: message, batch: batch)
    }

    private static func json(_ entries: [ErrorReport.Entry]) throws -> JSONValue {
        guard case .json(let value) = ErrorReport(rule: "r", entries).output.body else { return .null }
        return value
    }

    private static let other = ActionFailure(action: "S3Action", resource: "b", message: "full", batch: nil)

    @Test("one message's failures are told with its payload")
    func single() throws {
        let report = try Self.json([.init(message: Self.message("a/b", "x"), failures: [Self.failure("no", nil), Self.other])])
        #expect(
            report == [
                "ruleName": "r", "topic": "a/b", "cloudwatchTraceId": "trace", "clientId": "lamp", "base64OriginalPayload": "eA==",
                "sourceIp": "10.0.0.1",
                "failures": [
                    ["failedAction": "HttpAction", "failedResource": "https://x", "errorMessage": "no"],
                    ["failedAction": "S3Action", "failedResource": "b", "errorMessage": "full"],
                ],
            ])
    }

    @Test("a batch's failures are told once, with the messages that they are of")
    func batch() throws {
        let report = try Self.json([
            .init(message: Self.message("a/b", "x"), failures: [Self.failure("no", .ofOneTopic)]),
            .init(message: Self.message("a/b", "y"), failures: [Self.other, Self.failure("no", .ofOneTopic)]),
        ])
        #expect(
            report == [
                "ruleName": "r", "topic": "a/b",
                "payloadsWithMetadata": [
                    ["id": 1, "cloudwatchTraceId": "trace", "clientId": "lamp", "base64OriginalPayload": "eA==", "sourceIp": "10.0.0.1"],
                    ["id": 2, "cloudwatchTraceId": "trace", "clientId": "lamp", "base64OriginalPayload": "eQ==", "sourceIp": "10.0.0.1"],
                ],
                "failures": [
                    ["failedAction": "HttpAction", "failedResource": "https://x", "errorMessage": "no", "affectedIds": [1, 2]],
                    ["failedAction": "S3Action", "failedResource": "b", "errorMessage": "full", "affectedIds": [2]],
                ],
            ])
    }

    @Test("across topics each message tells its own")
    func acrossTopics() throws {
        let report = try Self.json([
            .init(message: Self.message("a", "x"), failures: [Self.failure("no", .acrossTopics)]),
            .init(message: Self.message("b", "y"), failures: [Self.failure("no", .acrossTopics)]),
        ])
        #expect(report["topic"] == nil)
        #expect(report["payloadsWithMetadata"]?.arrayValue?.map { $0["topic"] } == ["a", "b"])
    }
}
