/// All operations of the models, offered or not: a call of one that is not offered is answered with its name instead of "Not Found".
struct KnownOperations: Sendable {
    private let trees: [AWSService: RouteTree<String>]

    static let shared = KnownOperations()

    private init() {
        self.trees = [
            .iot: Self.tree(Self.iotTable), .iotData: Self.tree(Self.iotDataTable), .iotJobsData: Self.tree(Self.iotJobsDataTable),
            .lambda: Self.tree(Self.lambdaTable), .iotEventsData: Self.tree(Self.iotEventsDataTable), .search: Self.tree(Self.searchTable),
        ]
    }

    /// Services that have a table.
    static let services: [AWSService] = [.iot, .iotData, .iotJobsData, .lambda, .s3, .iotEventsData, .search]

    /// The name of the operation that a request means.
    func name(of method: String, path: some StringProtocol, in service: AWSService) -> String? {
        guard case .found(let match) = self.trees[service]?.find(method: method, path: path) else { return nil }
        return match.value
    }

    /// All names of a service.
    func names(of service: AWSService) -> [String] {
        service == .s3 ? S3Routes.shared.names : self.trees[service]?.values ?? []
    }

    private static func tree(_ table: String) -> RouteTree<String> {
        var tree = RouteTree<String>()
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 3 else { continue }
            tree.insert(String(fields[2]), method: String(fields[0]), path: String(fields[1]))
        }
        return tree
    }
}
