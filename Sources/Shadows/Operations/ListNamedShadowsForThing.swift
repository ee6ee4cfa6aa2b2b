import AWSAPI
import JSON
import Storage

/// `GET /api/things/shadow/ListNamedShadowsForThing/{thingName}`: the names, in order, without the classic shadow. A thing without any, or
/// that nobody knows, has an empty list (AWS IoT Developer Guide, device shadows).
struct ListNamedShadowsForThing: AWSOperation {
    static let route = OperationRoute(
        .iotData, "ListNamedShadowsForThing", "GET", "/api/things/shadow/ListNamedShadowsForThing/{thingName}", acceptsCertificate: true)
    static let maxPage = 100
    static let defaultPage = 25

    struct Input: OperationDecodable {
        let thing: String
        let nextToken: String?
        let pageSize: Int

        init(_ input: OperationInput) throws {
            self.thing = try input.string("thingName", in: .label, max: ShadowKey.maxThingCharacters, pattern: .thingName)
            self.nextToken = try input.optionalString("nextToken", in: .query)
            self.pageSize =
                try input.optionalInt("pageSize", in: .query, range: 1...ListNamedShadowsForThing.maxPage)
                ?? ListNamedShadowsForThing.defaultPage
        }
    }

    let service: ShadowService
    let access: any ShadowAccess

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.access.check(.listNamedShadows, "thing/\(input.thing)", context)
        let start = try context.pages.position(in: input.nextToken, query: [input.thing])
        // One more than the page, to know whether another follows.
        let found = try await self.service.store.read {
            try ShadowTable(connection: $0).names(of: input.thing, after: start, limit: input.pageSize + 1)
        }
        let page = found.prefix(input.pageSize)
        var output: JSONObject = ["results": .array(page.map(JSONValue.string)), "timestamp": .int(self.service.clock())]
        if found.count > page.count, let last = page.last {
            output["nextToken"] = .string(context.pages.token(after: last, query: [input.thing]))
        }
        return output
    }
}
