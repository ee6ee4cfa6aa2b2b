import AWSAPI
import JSON
import Storage

/// `GET /things/{thingName}/shadow/history[?name=S]`: the last changes of a shadow, the newest first. Beyond AWS; kept with
/// `--shadow-history N`.
///
/// Needs `iot:GetThingShadow` on the shadow. Each entry has `version`, `timestamp` (seconds), `source` (`mqtt:CLIENT` or `http:KEY`),
/// `deleted`, and the `state` that the shadow had afterwards.
struct ListThingShadowHistory: AWSOperation {
    static let route = OperationRoute(
        .iotData, "ListThingShadowHistory", "GET", "/things/{thingName}/shadow/history", acceptsCertificate: true)
    static let maxPage = 100
    static let defaultPage = 25

    struct Input: OperationDecodable {
        let key: ShadowKey
        let nextToken: String?
        let maxResults: Int

        init(_ input: OperationInput) throws {
            self.key = try ShadowInput(input).key
            self.nextToken = try input.optionalString("nextToken", in: .query)
            self.maxResults =
                try input.optionalInt("maxResults", in: .query, range: 1...ListThingShadowHistory.maxPage)
                ?? ListThingShadowHistory.defaultPage
        }
    }

    let service: ShadowService
    let access: any ShadowAccess

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.access.check(.getThingShadow, input.key.resource, context)
        guard self.service.limits.historyLength > 0 else {
            throw AWSError.notConfigured("This server keeps no history of shadows. Start it with --shadow-history N.")
        }
        let query: [String?] = [input.key.thing, input.key.name]
        let start = try context.pages.position(in: input.nextToken, query: query).flatMap(ShadowHistoryPosition.init)
        let found = try await self.service.store.read {
            try ShadowHistoryTable(connection: $0).page(input.key, after: start, limit: input.maxResults + 1)
        }
        let page = found.prefix(input.maxResults)
        var output: JSONObject = ["entries": .array(try page.map(Self.entry)), "timestamp": .int(self.service.clock())]
        if found.count > page.count, let last = page.last {
            output["nextToken"] = .string(context.pages.token(after: ShadowHistoryPosition(last).text, query: query))
        }
        return output
    }

    private static func entry(_ entry: ShadowHistoryEntry) throws -> JSONValue {
        .object([
            "version": .int(entry.version), "timestamp": .int(entry.timestamp), "source": .string(entry.source),
            "deleted": .bool(entry.isDeletion), "state": try JSONValue(parsing: entry.state, limits: ShadowShape.parsing),
        ])
    }
}
