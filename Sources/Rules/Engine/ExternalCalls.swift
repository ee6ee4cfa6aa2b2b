import AWSAPI
import HTTPTypes
import JSON
import NIOCore

/// The calls of other services that functions of SQL make: aws_lambda() and get_dynamodb() (AWS IoT Developer Guide, rules).
struct ExternalCalls: Sendable {
    let services: ActionServices
    let limits: ExternalCallLimits

    /// Invokes a function and waits for its answer (Lambda Invoke, type RequestResponse).
    ///
    /// - Parameter ruleARN: what the function's policy asks for.
    func invoke(_ arn: String, _ payload: SQLLambdaPayload, for ruleARN: String?) async throws -> JSONValue {
        let bytes: [UInt8] =
            switch payload {
            case .json(let value): value.serializedBytes()
            case .raw(let bytes): bytes
            }
        let limit = Duration.seconds(self.limits.lambdaSeconds)
        var request = try LambdaCall.request(arn, payload: bytes, type: .requestResponse)
        request.sourceARN = ruleARN
        request.timeout = .seconds(self.limits.lambdaSeconds)
        let made = request
        let transport = self.services.transport
        let answer = try await TimeLimit.answer(within: limit, "The function \(arn)") { try await transport.send(made) }
        if let refusal = answer.refusal {
            throw ExternalFunctionProblem("Lambda refused to invoke \(arn) with \(refusal.name): \(refusal.message)")
        }
        let text = String(buffer: answer.body)
        if let name = HTTPField.Name("X-Amz-Function-Error"), let kind = answer.headers[name] {
            throw ExternalFunctionProblem("The function \(arn) failed (\(kind)): \(text.prefix(Self.maxQuotedCharacters))")
        }
        guard !text.isEmpty else { return .null }
        guard let value = try? JSONValue(parsing: text) else {
            throw ExternalFunctionProblem("The function \(arn) answered what is not JSON.")
        }
        return value
    }

    private static let maxQuotedCharacters = 512

    /// Reads an item (DynamoDB GetItem) as plain JSON; nil when there is none.
    func item(of table: String, _ keys: [SQLItemKey]) async throws -> JSONValue? {
        var key: JSONObject = [:]
        for part in keys { key[part.name] = DynamoDBValue.of(part.value) }
        let request = ServiceRequest.json(
            "dynamodb", prefix: "DynamoDB_20120810", "GetItem", version: "1.0",
            ["TableName": .string(table), "Key": .object(key)])
        let answer = try await self.services.transport.send(request)
        if let refusal = answer.refusal {
            throw ExternalFunctionProblem("DynamoDB refused GetItem of the table \(table) with \(refusal.name): \(refusal.message)")
        }
        guard case .object(let object) = try? JSONValue(parsing: answer.body.readableBytesView) else {
            throw ExternalFunctionProblem("DynamoDB answered GetItem of the table \(table) with what is not JSON.")
        }
        guard case .object(let item) = object["Item"] else { return nil }
        return .object(DynamoDBValue.plain(item))
    }
}

extension DynamoDBValue {
    /// Attributes as the JSON that they stand for: sets are arrays, binary values are base64.
    static func plain(_ attributes: JSONObject) -> JSONObject {
        var object: JSONObject = [:]
        for (key, value) in attributes { object[key] = Self.plain(value) }
        return object
    }

    /// One AttributeValue; null for what is none. Nesting is bounded by what the parser of the answer takes.
    static func plain(_ value: JSONValue) -> JSONValue {
        guard case .object(let object) = value, let member = object.first(where: { _ in true }) else { return .null }
        return switch (member.key, member.value) {
        case ("S", .string), ("B", .string), ("BOOL", .bool), ("SS", .array), ("BS", .array): member.value
        case ("N", .string(let text)): Self.number(text)
        case ("NS", .array(let items)): .array(items.map { Self.number($0.stringValue ?? "") })
        case ("L", .array(let items)): .array(items.map(Self.plain))
        case ("M", .object(let object)): .object(Self.plain(object))
        default: .null
        }
    }

    /// A number, or its text when it is larger than JSON numbers are here.
    private static func number(_ text: String) -> JSONValue { (try? JSONValue(parsing: text)) ?? .string(text) }
}
