import AWSAPI
import JSON
import Storage

/// `GET /2015-03-31/functions`: in the order of their names.
struct ListFunctions: AWSOperation {
    static let route = OperationRoute(.lambda, "ListFunctions", "GET", "/2015-03-31/functions")
    static let defaultPage = 50

    let functions: FunctionService

    struct Input: OperationDecodable {
        let limit: Int
        let marker: String?

        init(_ input: OperationInput) throws {
            self.limit = min(
                try input.optionalInt("MaxItems", in: .query, range: 1...10_000) ?? ListFunctions.defaultPage, ListFunctions.defaultPage)
            self.marker = try input.optionalString("Marker", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let start = try context.pages.position(in: input.marker)
        let found = try await self.functions.store.read { connection in
            try FunctionTable(connection: connection).page(after: start ?? "", limit: input.limit + 1)
        }
        let page = found.prefix(input.limit)
        var output: JSONObject = ["Functions": .array(page.map { .object($0.configuration(self.functions.account)) })]
        if found.count > page.count, let last = page.last { output["NextMarker"] = .string(context.pages.token(after: last.name)) }
        return output
    }
}
