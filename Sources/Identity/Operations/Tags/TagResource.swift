import AWSAPI
import JSON
import Storage

struct TagResource: AWSOperation {
    static let route = OperationRoute(.iot, "TagResource", "POST", "/tags")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let resourceArn: String
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            self.resourceArn = try input.string("resourceArn", max: 2_048)
            guard try input.value("tags") != nil else { throw AWSError.constraint("Member must not be null", value: "null", at: "tags") }
            self.tags = try Tag.readOptionalList(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let taggable = self.identity.taggable
        try await self.identity.store.write { connection in
            let resource = try taggable.resource(input.resourceArn, in: connection)
            try TagTable(connection: connection).set(input.tags, on: resource)
        }
        return EmptyOutput()
    }
}

struct UntagResource: AWSOperation {
    static let route = OperationRoute(.iot, "UntagResource", "POST", "/untag")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let resourceArn: String
        let tagKeys: [String]

        init(_ input: OperationInput) throws {
            self.resourceArn = try input.string("resourceArn", max: 2_048)
            self.tagKeys = try input.stringList(
                "tagKeys", maxCount: 2 * IdentityLimits.tagsPerResource, max: Tag.maxKeyCharacters, pattern: .tagKey)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let taggable = self.identity.taggable
        try await self.identity.store.write { connection in
            let resource = try taggable.resource(input.resourceArn, in: connection)
            try TagTable(connection: connection).remove(input.tagKeys, from: resource)
        }
        return EmptyOutput()
    }
}

/// A resource's tags fit one page, so there is never a `nextToken`, and none that a caller sends is valid.
struct ListTagsForResource: AWSOperation {
    static let route = OperationRoute(.iot, "ListTagsForResource", "GET", "/tags")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let resourceArn: String
        let nextToken: String?

        init(_ input: OperationInput) throws {
            self.resourceArn = try input.string("resourceArn", in: .query, max: 2_048)
            self.nextToken = try input.optionalString("nextToken", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        _ = try context.pages.position(in: input.nextToken)
        let taggable = self.identity.taggable
        let tags = try await self.identity.store.read { connection in
            let resource = try taggable.resource(input.resourceArn, in: connection)
            return try TagTable(connection: connection).tags(on: resource)
        }
        return ["tags": .array(tags.map(\.json))]
    }
}
