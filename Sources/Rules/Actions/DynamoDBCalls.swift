import AWSAPI
import HTTPTypes
import JSON
import NIOCore

/// A table, and what is known of its key.
struct DynamoDBTable: Hashable, Sendable {
    let name: String
    /// "HASH:S" or "HASH:S,RANGE:N", for this server's own DynamoDB, which makes a table that is missing.
    let keySchema: String?
}

/// The calls of the two DynamoDB actions.
enum DynamoDBCalls {
    /// Items that BatchWriteItem takes.
    static let maxBatch = 25

    static func request(_ operation: String, _ table: DynamoDBTable, _ body: JSONObject) -> ServiceRequest {
        var request = ServiceRequest.json("dynamodb", prefix: "DynamoDB_20120810", operation, version: "1.0", body)
        if let keySchema = table.keySchema { request.embeddedHeaders[.roostKeySchema] = keySchema }
        return request
    }

    /// Puts items: one with PutItem, several together. Items of one key in one call are refused by DynamoDB as a whole and go alone then.
    static func put(_ members: [BatchMember<JSONObject>], table: DynamoDBTable, services: ActionServices) async -> [ActionOutcome] {
        await ActionBatch.sendWhole(members) { part throws(ServiceFailure) in
            guard let first = part.first else { return }
            if part.count == 1 {
                let body: JSONObject = ["TableName": .string(table.name), "Item": .object(first.entry)]
                _ = try await services.call(Self.request("PutItem", table, body), for: first.item)
                return
            }
            let puts = part.map { JSONValue.object(["PutRequest": .object(["Item": .object($0.entry)])]) }
            let answer = try await services.call(
                Self.request("BatchWriteItem", table, ["RequestItems": .object([table.name: .array(puts)])]), for: first.item)
            let left = (try? JSONValue(parsing: answer.body.readableBytesView))?["UnprocessedItems"]?.objectValue ?? [:]
            // Putting an item again changes nothing, so all of them go again.
            guard left.isEmpty else { throw ServiceFailure(message: "dynamodb left items unprocessed: it is throttled", mayRetry: true) }
        }
    }
}
