import JSON

/// What the embedded DynamoDB shows of itself: tables, and items as the JSON that they came from.
extension DynamoDBService: EmbeddedTarget {
    var service: String { "dynamodb" }

    func contents() async throws -> [TargetSummary] {
        let limit = self.limits.maxTargets
        return try await self.read { try $0.tables(after: "", limit: limit) }.map {
            TargetSummary(name: $0.name, kind: "table", records: $0.items, bytes: $0.bytes)
        }
    }

    func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]? {
        try await self.read { tables in
            guard let table = try tables.table(name) else { return nil }
            return try tables.newest(in: name, after: position ?? 0, limit: limit).reversed().map { Self.record($0, table) }
        }
    }

    func record(of name: String, key: String) async throws -> TargetRecord? {
        try await self.read { tables in
            guard let table = try tables.table(name), let item = try tables.find(key, in: name) else { return nil }
            return Self.record(item, table)
        }
    }

    private static func record(_ item: DynamoDBItem, _ table: DynamoDBTable) -> TargetRecord {
        TargetRecord(
            position: item.position, key: item.shown, time: item.time, attributes: ["key": .object(table.schema.key(of: item.attributes))],
            body: JSONValue.object(DynamoDBValue.plain(item.attributes)).serializedBytes())
    }
}
