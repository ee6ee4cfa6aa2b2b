import AWSAPI
import JSON
import Targets

/// `GET /operations`: every operation of every service that this server knows, offered or not. docs/operations.md is made of it.
struct ListOperations: AWSOperation {
    static let route = OperationRoute(.roost, "ListOperations", "GET", "/operations")

    private let offered: @Sendable () -> [OperationRoute]

    init(endpoint: AWSEndpoint) {
        // The endpoint has its operations, this one among them.
        self.offered = { [weak endpoint] in endpoint?.offered ?? [] }
    }

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> JSONObject {
        let routes = self.offered()
        let services = Dictionary(grouping: routes, by: \.service)
        let items = services.sorted { $0.key.name < $1.key.name }.map { service, routes in
            let offered = Set(routes.map(\.name))
            let others = Set(AWSEndpoint.knownOperations(of: service)).subtracting(offered)
            return JSONValue.object([
                "service": .string(service.name), "offered": .array(offered.sorted().map(JSONValue.string)),
                "notOffered": .array(others.sorted().map(JSONValue.string)),
            ])
        }
        return ["services": .array(items)]
    }
}
