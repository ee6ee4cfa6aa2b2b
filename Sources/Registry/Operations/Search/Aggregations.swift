import AWSAPI
import JSON
import Storage

/// What the aggregations of fleet indexing take.
struct AggregationInput: OperationDecodable {
    /// What is aggregated when the caller names no field.
    private static let defaultField = "registry.version"

    let search: SearchInput
    let field: String

    init(_ input: OperationInput) throws {
        self.search = try SearchInput(input)
        self.field = try input.optionalString("aggregationField", min: 1) ?? Self.defaultField
    }

    /// - Throws: InvalidAggregationException for a field that is neither managed nor custom.
    func type(_ configuration: IndexConfiguration) throws(AWSError) -> IndexConfiguration.FieldType {
        guard let type = configuration.aggregationType(of: self.field, in: self.search.domain) else {
            throw .invalidAggregation(
                "The field \(self.field.prefix(256)) cannot be aggregated: it is neither a managed nor a custom field of \(self.search.domain.name)"
            )
        }
        return type
    }
}

/// Count, sum and so on of a field's numbers; of texts only how many items have one.
struct GetStatistics: AWSOperation {
    static let route = OperationRoute(.iot, "GetStatistics", "POST", "/indices/statistics")

    let registry: RegistryService

    func handle(_ input: AggregationInput, _ context: OperationContext) async throws -> JSONObject {
        let (type, statistics) = try await self.registry.search(input.search) { search in
            let type = try input.type(search.configuration)
            var statistics = FieldStatistics()
            switch type {
            // Its value does not matter, only that there is one.
            case .string: try search.forEachValue(of: input.field) { _ in statistics.add(0) }
            case .number: try search.forEachNumber(of: input.field) { statistics.add($0) }
            case .boolean:
                try search.forEachValue(of: input.field) { for case .bool(let bool) in $0 { statistics.add(bool ? 1 : 0) } }
            }
            return (type, statistics)
        }
        var result: JSONObject = ["count": .int(Int64(statistics.count))]
        if type != .string, statistics.count > 0 {
            for (name, value) in [
                ("average", statistics.average), ("sum", statistics.sum), ("minimum", statistics.minimum), ("maximum", statistics.maximum),
                ("sumOfSquares", statistics.sumOfSquares), ("variance", statistics.variance),
                ("stdDeviation", statistics.variance.squareRoot()),
            ] { result[name] = JSONValue(value) }
        }
        return ["statistics": .object(result)]
    }
}

/// How many values of a field differ. Counted, not estimated.
struct GetCardinality: AWSOperation {
    static let route = OperationRoute(.iot, "GetCardinality", "POST", "/indices/cardinality")

    let registry: RegistryService

    func handle(_ input: AggregationInput, _ context: OperationContext) async throws -> JSONObject {
        let count = try await self.registry.search(input.search) { search in
            _ = try input.type(search.configuration)
            var found: Set<IndexValue> = []
            try search.forEachValue(of: input.field) { found.formUnion($0) }
            return found.count
        }
        return ["cardinality": .int(Int64(count))]
    }
}

/// The values below which shares of a field's numbers are.
struct GetPercentiles: AWSOperation {
    static let route = OperationRoute(.iot, "GetPercentiles", "POST", "/indices/percentiles")

    let registry: RegistryService

    struct Input: OperationDecodable {
        private static let defaults: [Double] = [1, 5, 25, 50, 75, 95, 99]
        private static let maxPercents = 100

        let aggregation: AggregationInput
        let percents: [Double]

        init(_ input: OperationInput) throws {
            self.aggregation = try AggregationInput(input)
            let given = try input.optionalArray("percents", maxCount: Self.maxPercents) ?? []
            self.percents = try given.map { value in
                guard let percent = value.doubleValue else { throw AWSError.invalidRequest("The members of 'percents' must be numbers") }
                guard (0...100).contains(percent) else {
                    throw AWSError.constraint("Member must have value between 0 and 100", value: "'\(percent)'", at: "percents")
                }
                return percent
            }
        }

        var wanted: [Double] { self.percents.isEmpty ? Self.defaults : self.percents }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let numbers = try await self.registry.search(input.aggregation.search) { search in
            let type = try input.aggregation.type(search.configuration)
            guard type == .number else {
                throw AWSError.invalidAggregation(
                    "Percentiles are of numbers; \(input.aggregation.field.prefix(256)) is a \(type.rawValue)")
            }
            var numbers: [Double] = []
            try search.forEachNumber(of: input.aggregation.field) { numbers.append($0) }
            return numbers.sorted()
        }
        return [
            "percentiles": .array(
                input.wanted.compactMap { percent in
                    FieldStatistics.percentile(percent, of: numbers).map { ["percent": JSONValue(percent), "value": JSONValue($0)] }
                })
        ]
    }
}

/// The values of a field by how many items have them.
struct GetBucketsAggregation: AWSOperation {
    static let route = OperationRoute(.iot, "GetBucketsAggregation", "POST", "/indices/buckets")

    let registry: RegistryService

    struct Input: OperationDecodable {
        private static let defaultBuckets = 10
        private static let maxBuckets = 10_000

        let aggregation: AggregationInput
        let buckets: Int

        init(_ input: OperationInput) throws {
            _ = try input.string("aggregationField")
            self.aggregation = try AggregationInput(input)
            guard let type = try input.optionalObject("bucketsAggregationType") else {
                throw AWSError.constraint("Member must not be null", value: "null", at: "bucketsAggregationType")
            }
            let terms = try OperationInput.nested(type).optionalObject("termsAggregation").map(OperationInput.nested)
            self.buckets = try terms?.optionalInt("maxBuckets", range: 1...Self.maxBuckets) ?? Self.defaultBuckets
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let counts = try await self.registry.search(input.aggregation.search) { search in
            _ = try input.aggregation.type(search.configuration)
            var counts: [String: Int64] = [:]
            try search.forEachValue(of: input.aggregation.field) { values in
                for value in Set(values.map(\.text)) { counts[value, default: 0] += 1 }
            }
            return counts
        }
        let shown = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(input.buckets)
        return [
            "totalCount": .int(counts.values.reduce(0, +)),
            "buckets": .array(shown.map { ["keyValue": .string($0.key), "count": .int($0.value)] }),
        ]
    }
}

extension IndexValue {
    /// As a bucket names it.
    fileprivate var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): Self.word(number)
        case .bool(let bool): bool ? "true" : "false"
        }
    }
}
