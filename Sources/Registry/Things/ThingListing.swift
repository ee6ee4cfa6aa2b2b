import Storage

/// What ListThings looks for.
struct ThingFilter: Sendable, Hashable {
    enum Value: Sendable, Hashable {
        case any
        case equal(String)
        case prefix(String)
    }

    struct Attribute: Sendable, Hashable {
        var name: String
        var value: Value

        func matches(_ thing: Thing) -> Bool {
            guard let value = thing.attributes[self.name] else { return false }
            return switch self.value {
            case .any: true
            case .equal(let wanted): value == wanted
            case .prefix(let prefix): value.utf8.starts(with: prefix.utf8)
            }
        }
    }

    var attribute: Attribute?
    var typeName: String?

    func matches(_ thing: Thing) -> Bool {
        (self.typeName == nil || thing.typeName == self.typeName) && self.attribute?.matches(thing) != false
    }

    /// What a page of this listing ends with.
    func position(_ thing: Thing) -> String { self.attribute == nil ? thing.name : "\(thing.number)" }
}

/// The pages of ListThings: by name, or with an attribute by the number of the thing.
struct ThingListing {
    /// Rows read at a time.
    private static let batch = 512
    /// More hits than these are not sorted: things are looked at in order instead, and soon fill a page.
    private static let maxSorted = 10_000

    let connection: any StoreConnection
    let fields: FieldReader

    /// At most `count` things that match, after the one with `position`.
    func page(after position: String?, count: Int, matching filter: ThingFilter) throws -> [Thing] {
        guard let attribute = filter.attribute else { return try self.things(after: position ?? "", of: filter.typeName, limit: count) }
        guard let field = try self.fields.number(of: .attribute(attribute.name)) else { return [] }
        var result: [Thing] = []
        var last = position.flatMap(Int64.init) ?? 0
        while result.count < count {
            let things = try self.candidates(field, attribute.value, after: last)
            guard let end = things.last else { break }
            result += things.lazy.filter(filter.matches).prefix(count - result.count)
            last = end.number
        }
        return result
    }

    private func things(after name: String, of type: String?, limit: Int) throws -> [Thing] {
        if let type {
            return try self.connection.query(
                "SELECT \(ThingTable.columns) FROM registry_things WHERE type = ? AND name > ? ORDER BY name LIMIT ?",
                [.text(type), .text(name), StoreValue(limit)]
            ).map(Thing.init)
        }
        return try self.connection.query(
            "SELECT \(ThingTable.columns) FROM registry_things WHERE name > ? ORDER BY name LIMIT ?", [.text(name), StoreValue(limit)]
        ).map(Thing.init)
    }

    /// Things after a number, in order, among which are all that may match up to the last of them. Empty at the end.
    private func candidates(_ field: Int64, _ value: ThingFilter.Value, after number: Int64) throws -> [Thing] {
        switch value {
        case .equal(let text):
            return try self.connection.query(
                """
                SELECT \(ThingTable.columns) FROM registry_things WHERE number IN (
                    SELECT item FROM registry_terms WHERE field = ? AND word = ? AND item > ? ORDER BY item LIMIT ?) ORDER BY number
                """, [.integer(field), .text(IndexTerm.word(text[...])), .integer(number), StoreValue(Self.batch)]
            ).map(Thing.init)
        case .prefix(let prefix): return try self.candidates(field, in: IndexTerm.range(prefix: prefix), after: number)
        case .any: return try self.candidates(field, in: IndexTerm.range(prefix: ""), after: number)
        }
    }

    private func candidates(_ field: Int64, in range: Range<String>, after number: Int64) throws -> [Thing] {
        let bounds: [StoreValue] = [.integer(field), .text(range.lowerBound), .text(range.upperBound)]
        let hits = try self.connection.queryOne(
            """
            SELECT COUNT(*) FROM (
                SELECT 1 FROM registry_terms WHERE field = ? AND word >= ? AND word < ? LIMIT ?) AS hits
            """, bounds + [StoreValue(Self.maxSorted + 1)])
        guard try hits?.integer(0) ?? 0 <= Self.maxSorted else {
            return try self.connection.query(
                "SELECT \(ThingTable.columns) FROM registry_things WHERE number > ? ORDER BY number LIMIT ?",
                [.integer(number), StoreValue(Self.batch)]
            ).map(Thing.init)
        }
        return try self.connection.query(
            """
            SELECT \(ThingTable.columns) FROM registry_things WHERE number IN (
                SELECT item FROM registry_terms WHERE field = ? AND word >= ? AND word < ? AND item > ? ORDER BY item LIMIT ?) ORDER BY number
            """, bounds + [.integer(number), StoreValue(Self.batch)]
        ).map(Thing.init)
    }
}

extension IndexField {
    static func attribute(_ name: String) -> IndexField { IndexField(domain: .things, path: "attributes.\(name)") }
}
