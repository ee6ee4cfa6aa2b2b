import Identity
import JSON
import Storage

/// The queries on `rule_destinations`, inside one transaction.
struct DestinationTable {
    private static let columns =
        "id, configuration, status, reason, token, challenged_at, needs_message, created_at, updated_at"

    let connection: any StoreConnection

    func find(_ id: String) throws -> RuleDestination? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM rule_destinations WHERE id = ?", [.text(id)]).map(Self.destination)
    }

    func find(confirmationURL: String) throws -> RuleDestination? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM rule_destinations WHERE url = ?", [.text(confirmationURL)])
            .map(Self.destination)
    }

    func find(token: String) throws -> RuleDestination? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM rule_destinations WHERE token = ?", [.text(token)])
            .map(Self.destination)
    }

    /// In the order of their ids.
    func page(after id: String, count: Int) throws -> [RuleDestination] {
        try self.connection.query(
            "SELECT \(Self.columns) FROM rule_destinations WHERE id > ? ORDER BY id LIMIT ?", [.text(id), StoreValue(count)]
        ).map(Self.destination)
    }

    /// - Parameter kind: "http" or "vpc".
    func count(_ kind: String) throws -> Int {
        Int(try self.connection.queryOne("SELECT COUNT(*) FROM rule_destinations WHERE kind = ?", [.text(kind)])?.integer(0) ?? 0)
    }

    func insert(_ destination: RuleDestination) throws {
        try self.connection.execute(
            "INSERT INTO rule_destinations (kind, url, created_at, configuration, status, reason, token, challenged_at, needs_message, "
                + "updated_at, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(destination.kind), StoreValue(destination.confirmationURL), .integer(destination.createdAt.milliseconds),
                .text(JSONValue.object(destination.configuration.json).serialized()),
            ] + Self.changing(destination))
    }

    func update(_ destination: RuleDestination) throws {
        try self.connection.execute(
            "UPDATE rule_destinations SET status = ?, reason = ?, token = ?, challenged_at = ?, needs_message = ?, updated_at = ? "
                + "WHERE id = ?", Self.changing(destination))
    }

    /// Returns false when there was no such destination.
    func delete(_ id: String) throws -> Bool {
        try self.connection.execute("DELETE FROM rule_destinations WHERE id = ?", [.text(id)]) > 0
    }

    private static func changing(_ destination: RuleDestination) -> [StoreValue] {
        [
            .text(destination.status.rawValue), StoreValue(destination.reason), StoreValue(destination.token),
            .integer(destination.challengedAt.milliseconds), StoreValue(destination.needsMessage),
            .integer(destination.updatedAt.milliseconds), .text(destination.id),
        ]
    }

    private static func destination(_ row: StoreRow) throws -> RuleDestination {
        let id = try row.text(0)
        guard let configuration = RuleDestination.Configuration(try JSONValue(parsing: try row.text(1))),
            let status = RuleDestination.Status(rawValue: try row.text(2))
        else { throw StoreError.corrupt(path: "rule_destinations", what: "the row of \(id) is not one that was written") }
        return RuleDestination(
            id: id, configuration, createdAt: Timestamp(milliseconds: try row.integer(7)),
            updatedAt: Timestamp(milliseconds: try row.integer(8)), status: status, reason: try row.optionalText(3),
            token: try row.optionalText(4), challengedAt: Timestamp(milliseconds: try row.integer(5)), needsMessage: try row.bool(6))
    }
}

extension RuleDestination {
    var kind: String {
        switch self.configuration {
        case .http: "http"
        case .vpc: "vpc"
        }
    }
}

extension RuleDestination.Configuration {
    /// With AWS's member names.
    var json: JSONObject {
        switch self {
        case .http(let url): ["confirmationUrl": .string(url)]
        case .vpc(let fields): fields
        }
    }

    init?(_ json: JSONValue) {
        guard case .object(let fields) = json else { return nil }
        if let url = fields["confirmationUrl"]?.stringValue { self = .http(confirmationURL: url) } else { self = .vpc(fields) }
    }
}
