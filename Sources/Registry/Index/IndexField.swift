import Storage
import Synchronization

/// The two indexes of fleet indexing.
enum IndexDomain: Int64, Sendable, Hashable, CaseIterable {
    case things = 0
    case thingGroups = 1

    /// As the API names it.
    var name: String {
        switch self {
        case .things: "AWS_Things"
        case .thingGroups: "AWS_ThingGroups"
        }
    }
}

/// A field of an index, by its path in the query language (`attributes.room`).
struct IndexField: Sendable, Hashable {
    let domain: IndexDomain
    let path: String
}

/// The numbers of fields, in front of the table `registry_fields`. Fields are never renumbered.
///
/// Only numbers that are on disk are kept: a transaction hands over what it read when it has been committed.
final class FieldNumbers: Sendable {
    /// Fields that are kept; the numbers of more are read each time.
    static let capacity = 65_536

    private let numbers = Mutex<[IndexField: Int64]>([:])

    func find(_ field: IndexField) -> Int64? { self.numbers.withLock { $0[field] } }

    func add(_ found: [IndexField: Int64]) {
        guard !found.isEmpty else { return }
        self.numbers.withLock { numbers in
            guard numbers.count + found.count <= Self.capacity else { return }
            numbers.merge(found) { _, new in new }
        }
    }
}

/// The numbers of fields inside one transaction.
final class FieldReader {
    private let connection: any StoreConnection
    private let known: FieldNumbers
    /// What was read or made in this transaction.
    private(set) var found: [IndexField: Int64] = [:]

    init(_ connection: any StoreConnection, known: FieldNumbers) {
        self.connection = connection
        self.known = known
    }

    /// Nil for a field that no item ever had.
    func number(of field: IndexField) throws -> Int64? {
        if let number = self.found[field] ?? self.known.find(field) { return number }
        let row = try self.connection.queryOne(
            "SELECT id FROM registry_fields WHERE domain = ? AND path = ?", [.integer(field.domain.rawValue), .text(field.path)])
        guard let number = try row?.integer(0) else { return nil }
        self.found[field] = number
        return number
    }

    /// In a write: a new field gets a number.
    func makeNumber(of field: IndexField) throws -> Int64 {
        if let number = try self.number(of: field) { return number }
        let number = (try self.connection.queryOne("SELECT MAX(id) FROM registry_fields")?.optionalInteger(0) ?? 0) + 1
        try self.connection.execute(
            "INSERT INTO registry_fields (id, domain, path) VALUES (?, ?, ?)",
            [.integer(number), .integer(field.domain.rawValue), .text(field.path)])
        self.found[field] = number
        return number
    }

    /// The paths that an index has or had, in alphabetical order.
    func paths(of domain: IndexDomain, limit: Int) throws -> [String] {
        try self.connection.query(
            "SELECT path FROM registry_fields WHERE domain = ? ORDER BY path LIMIT ?", [.integer(domain.rawValue), StoreValue(limit)]
        ).map { try $0.text(0) }
    }
}
