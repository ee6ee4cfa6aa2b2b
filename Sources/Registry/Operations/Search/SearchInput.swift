import AWSAPI

/// What searches and aggregations have in common.
struct SearchInput: Sendable {
    static let queryVersion = "2017-09-30"

    let domain: IndexDomain
    let queryText: String

    init(_ input: OperationInput) throws(AWSError) {
        let name = try input.optionalName("indexName") ?? IndexDomain.things.name
        guard let domain = IndexDomain.allCases.first(where: { $0.name == name }) else { throw .indexNotFound(name) }
        self.domain = domain
        self.queryText = try input.string("queryString")
        try Self.checkVersion(input)
    }

    static func checkVersion(_ input: OperationInput) throws(AWSError) {
        guard let version = try input.optionalString("queryVersion"), version != Self.queryVersion else { return }
        throw .invalidRequest("The query version \(version.prefix(64)) is not supported; there is \(Self.queryVersion)")
    }

    func query(_ configuration: IndexConfiguration) throws(AWSError) -> SearchQuery {
        try .checked(self.queryText, limits: .search, locations: self.domain == .things ? configuration.geoLocations : [])
    }
}

extension SearchQuery {
    /// Parsed, or AWS's error.
    static func checked(_ text: String, limits: QueryLimits, locations: [GeoLocation]) throws(AWSError) -> SearchQuery {
        do {
            return try SearchQuery(parsing: text, limits: limits, locations: locations)
        } catch {
            throw .invalidQuery("Invalid query: \(error)")
        }
    }
}

extension AWSError {
    static func indexNotFound(_ name: String) -> AWSError {
        .resourceNotFound("The index \(name.prefix(128)) does not exist: there are AWS_Things and AWS_ThingGroups")
    }
}
