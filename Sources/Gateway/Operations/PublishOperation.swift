import AWSAPI
import Broker
import Identity
import JSON
import NIOCore

/// `POST /topics/{topic}`: publishes the body (AWS IoT Developer Guide, device communication protocols). The topic's slashes may be encoded or not.
struct PublishOperation: AWSOperation {
    static let route = OperationRoute(.iotData, "Publish", "POST", "/topics/{topic+}", acceptsCertificate: true)

    struct Input: OperationDecodable {
        let topic: String
        let qos: Int
        let isRetained: Bool
        let messageExpirySeconds: Int?
        let properties: MessageProperties
        let payload: ByteBuffer

        init(_ input: OperationInput) throws {
            self.topic = try input.string("topic", in: .label)
            self.qos = try input.optionalInt("qos", in: .query, range: 0...1) ?? 0
            self.isRetained = try input.bool("retain", in: .query)
            self.messageExpirySeconds = try input.optionalInt("messageExpiry", in: .query, range: 0...Int(UInt32.max))
            self.properties = try MessageProperties(input)
            self.payload = input.rawBody
        }
    }

    let broker: Broker
    let access: DeviceAccess

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        guard !self.broker.isReserved(input.topic) else {
            throw AWSError.invalidRequest("The topic \(input.topic) is reserved: only the service publishes to it.")
        }
        try input.properties.check(self.broker.profile)
        try await self.access.check(.publish, "topic/\(input.topic)", context)
        if input.isRetained { try await self.access.check(.retainPublish, "topic/\(input.topic)", context) }
        var request = PublishRequest(topic: input.topic, payload: Array(input.payload.readableBytesView), qos: UInt8(input.qos))
        request.isRetained = input.isRetained
        request.origin = MessageOrigin(principal: context.caller.id, address: context.remoteAddress)
        request.properties = input.properties.encoded()
        request.messageExpirySeconds = input.messageExpirySeconds.map(UInt32.init)
        do {
            try await self.broker.publish(request)
        } catch let error as PublishError {
            throw Self.answer(to: error)
        }
        return ["message": "OK", "traceId": .string(context.traceID)]
    }

    static func answer(to error: PublishError) -> AWSError {
        switch error {
        case .invalidTopic(let topic):
            .invalidRequest("The topic \(topic) is empty, holds a wildcard, or is longer or deeper than allowed.")
        case .payloadTooLarge(let limit): .requestEntityTooLarge("The payload is larger than \(limit) bytes.")
        case .qosNotSupported: .invalidRequest("The QoS is not supported.")
        case .retainNotSupported: .invalidRequest("Retained messages are not supported on topics that begin with $.")
        case .retainedLimitReached: .throttling("The number or the bytes of retained messages have reached their limit.")
        case .notStored: .serviceUnavailable("The message could not be stored. Try again.")
        }
    }
}
