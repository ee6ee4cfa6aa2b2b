import AWSAPI
import Foundation
import JSON
import Storage

/// The embedded data plane of IoT Events: a log of the messages of each input. No detector looks at them.
struct IoTEventsService: Sendable {
    let target: LogTarget
    let clock: @Sendable () -> Int64

    init(_ targets: TargetsService) {
        self.target = targets.log(of: "ioteventsdata")
        self.clock = targets.clock
    }

    var operations: [any AWSOperation] { [BatchPutMessage(events: self)] }
}

/// `POST /inputs/messages` (BatchPutMessage). A rule makes the input that it names.
struct BatchPutMessage: AWSOperation {
    static let route = OperationRoute(.iotEventsData, "BatchPutMessage", "POST", "/inputs/messages")
    static let maxMessages = 10
    static let messageID = InputPattern("^[a-zA-Z0-9_-]+$", ranges: ["az", "AZ", "09"], others: "_-")

    struct Message: Sendable {
        let id: String
        let input: String
        let payload: [UInt8]
    }

    struct Input: OperationDecodable {
        let messages: [Message]

        init(_ input: OperationInput) throws {
            let list = try input.optionalArray("messages", maxCount: BatchPutMessage.maxMessages) ?? []
            guard !list.isEmpty else { throw AWSError.invalidRequest("messages has to hold at least one message.") }
            var ids: Set<String> = []
            self.messages = try list.map { value in
                guard case .object(let object) = value else {
                    throw AWSError.invalidRequest("A message is \(value.kindName), not an object.")
                }
                let fields = OperationInput.nested(object)
                let id = try fields.string("messageId", max: 64, pattern: BatchPutMessage.messageID)
                guard ids.insert(id).inserted else { throw AWSError.invalidRequest("The messageId \(id) comes twice.") }
                guard let payload = Data(base64Encoded: try fields.string("payload")) else {
                    throw AWSError.invalidRequest("The payload of the message \(id) is not base64.")
                }
                return Message(id: id, input: try fields.string("inputName", max: 128), payload: Array(payload))
            }
        }
    }

    let events: IoTEventsService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.events.clock()
        let caller = context.caller
        let target = self.events.target
        let failures = try await target.store.write { connection -> [JSONValue] in
            let log = target.log(connection)
            var failures: [JSONValue] = []
            for message in input.messages {
                do {
                    guard (try? JSONValue(parsing: message.payload)) != nil else {
                        throw AWSError.invalidRequest("The payload is not JSON.")
                    }
                    try log.require(
                        message.input, kind: "input", for: caller, at: now,
                        missing: .resourceNotFound("The input \(message.input) does not exist."),
                        full: .invalidRequest("There are \(target.limits.maxTargets) inputs already."))
                    try log.append([TargetRecord(key: message.id, time: now, body: message.payload)], to: message.input)
                } catch let error as AWSError {
                    failures.append([
                        "messageId": .string(message.id), "errorCode": .string(error.name), "errorMessage": .string(error.message),
                    ])
                }
            }
            return failures
        }
        return ["BatchPutMessageErrorEntries": .array(failures)]
    }
}
