import AWSAPI
import Broker
import Foundation
import JSON

/// `GET /retainedMessage/{topic}` (AWS IoT Developer Guide, device communication protocols).
struct GetRetainedMessageOperation: AWSOperation {
    static let route = OperationRoute(.iotData, "GetRetainedMessage", "GET", "/retainedMessage/{topic+}", acceptsCertificate: true)

    struct Input: OperationDecodable {
        let topic: String

        init(_ input: OperationInput) throws {
            self.topic = try input.string("topic", in: .label)
        }
    }

    let broker: Broker
    let access: DeviceAccess

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.access.check(.getRetainedMessage, "topic/\(input.topic)", context)
        guard let message = self.broker.retained.get(input.topic) else {
            throw AWSError.resourceNotFound("There is no retained message on the topic \(input.topic).")
        }
        var output: JSONObject = [
            "topic": .string(message.topic),
            "payload": .string(Data(message.payload).base64EncodedString()),
            "qos": .int(Int64(message.qos)),
            "lastModifiedTime": .int(message.publishedAt),
        ]
        let properties = MessageProperties(decoding: message.propertyBytes).userProperties
        if !properties.isEmpty {
            let list = JSONValue.array(properties.map { .object([$0.name: .string($0.value)]) })
            output["userProperties"] = .string(Data(list.serializedBytes()).base64EncodedString())
        }
        return output
    }
}

/// `GET /retainedMessage`: summaries, in the order of their topics.
struct ListRetainedMessagesOperation: AWSOperation {
    static let route = OperationRoute(.iotData, "ListRetainedMessages", "GET", "/retainedMessage", acceptsCertificate: true)
    static let maxPage = 200

    struct Input: OperationDecodable {
        let nextToken: String?
        let maxResults: Int

        init(_ input: OperationInput) throws {
            self.nextToken = try input.optionalString("nextToken", in: .query)
            self.maxResults =
                try input.optionalInt("maxResults", in: .query, range: 1...ListRetainedMessagesOperation.maxPage)
                ?? ListRetainedMessagesOperation.maxPage
        }
    }

    let broker: Broker
    let access: DeviceAccess

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.access.check(.listRetainedMessages, nil, context)
        let start = try context.pages.position(in: input.nextToken)
        // One more than the page, to know whether another follows.
        let found = self.broker.retained.list(after: start, limit: input.maxResults + 1)
        let page = found.prefix(input.maxResults)
        let summaries = page.map { message -> JSONValue in
            [
                "topic": .string(message.topic), "payloadSize": .int(Int64(message.payloadCount)),
                "qos": .int(Int64(message.qos)), "lastModifiedTime": .int(message.publishedAt),
            ]
        }
        var output: JSONObject = ["retainedTopics": .array(summaries)]
        if found.count > page.count, let last = page.last { output["nextToken"] = .string(context.pages.token(after: last.topic)) }
        return output
    }
}
