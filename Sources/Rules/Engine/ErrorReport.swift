import Foundation
import JSON

/// What a rule's error action is given: one message for all failed actions of one message (reference 5.11).
struct ErrorReport: Sendable {
    let invocation: RuleInvocation
    let failures: [ActionFailure]

    var output: SQLOutput { SQLOutput(body: .json(.object(self.object)), variables: .none) }

    private var object: JSONObject {
        let message = self.invocation.message.sql
        var object: JSONObject = [
            "ruleName": .string(self.invocation.rule.definition.name), "topic": .string(message.topic),
            "cloudwatchTraceId": .string(message.traceID ?? ""), "clientId": .string(message.clientID ?? "N/A"),
            "base64OriginalPayload": .string(Data(message.payload).base64EncodedString()),
            "failures": .array(
                self.failures.map {
                    .object([
                        "failedAction": .string($0.action), "failedResource": .string($0.resource), "errorMessage": .string($0.message),
                    ])
                }),
        ]
        if let address = message.sourceIP { object["sourceIp"] = .string(address) }
        return object
    }
}
