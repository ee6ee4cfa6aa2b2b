import AWSAPI
import JSON

struct SNSPublish: AWSOperation {
    static let route = OperationRoute(.sns, "Publish")

    struct Input: OperationDecodable {
        let topic: String
        let message: SNSMessage

        init(_ input: OperationInput) throws {
            guard try input.optionalString("PhoneNumber") == nil else {
                throw AWSError.snsParameter("PhoneNumber: text messages are not supported by Roost")
            }
            self.topic = try SNSTarget.topic(in: input, member: try input.optionalString("TargetArn") == nil ? "TopicArn" : "TargetArn")
            self.message = try SNSMessage(input)
        }
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.sns.publish([input.message], to: input.topic, context)
        return ["MessageId": .string(input.message.id)]
    }
}

struct SNSPublishBatch: AWSOperation {
    static let route = OperationRoute(.sns, "PublishBatch")
    static let maxEntries = 10

    struct Input: OperationDecodable {
        let topic: String
        let entries: [(id: String, message: Result<SNSMessage, AWSError>)]

        init(_ input: OperationInput) throws {
            self.topic = try SNSTarget.topic(in: input)
            let values = try input.optionalArray("PublishBatchRequestEntries") ?? []
            guard !values.isEmpty else { throw AWSError.sns("EmptyBatchRequest", "The batch request doesn't contain any entries.") }
            guard values.count <= SNSPublishBatch.maxEntries else {
                throw AWSError.sns("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.")
            }
            var entries: [(id: String, message: Result<SNSMessage, AWSError>)] = []
            for value in values {
                guard case .object(let object) = value, let id = object["Id"]?.stringValue, SQSTarget.namePattern.matches(id),
                    id.utf8.count <= 80
                else {
                    throw AWSError.sns(
                        "InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the specification.")
                }
                guard !entries.contains(where: { $0.id == id }) else {
                    throw AWSError.sns("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
                }
                entries.append((id, Result { () throws(AWSError) in try SNSMessage(.nested(object)) }))
            }
            let size = entries.reduce(0) { $0 + ((try? $1.message.get())?.message.utf8.count ?? 0) }
            guard size <= SNSMessage.maxBytes else {
                throw AWSError.sns("BatchRequestTooLong", "The length of all the batch messages put together is more than the limit.")
            }
            self.entries = entries
        }
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.sns.publish(input.entries.compactMap { try? $0.message.get() }, to: input.topic, context)
        var successful: [JSONValue] = []
        var failed: [JSONValue] = []
        for entry in input.entries {
            switch entry.message {
            case .success(let message): successful.append(["Id": .string(entry.id), "MessageId": .string(message.id)])
            case .failure(let error):
                let name = error.name == "InvalidRequestException" ? AWSService.sns.invalidRequestName : error.name
                failed.append(["Id": .string(entry.id), "Code": .string(name), "Message": .string(error.message), "SenderFault": true])
            }
        }
        return ["Successful": .array(successful), "Failed": .array(failed)]
    }
}
