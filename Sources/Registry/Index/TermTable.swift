import Storage

/// The rows of the search index: which items have which word in which field. Each query runs inside a transaction of the caller.
///
/// An item is a thing or a thing group, by the number of its row. A row stands for a word of a value, and carries the number that the whole
/// value says, if any.
struct TermTable {
    let connection: any StoreConnection
    let fields: FieldReader

    func insert(_ terms: some Sequence<IndexTerm>, _ field: IndexField, of item: Int64) throws {
        var number: Int64?
        for term in terms {
            let id = try number ?? self.fields.makeNumber(of: field)
            number = id
            try self.connection.execute(
                "INSERT INTO registry_terms (field, word, number, item) VALUES (?, ?, ?, ?)",
                [.integer(id), .text(term.word), StoreValue(term.number), .integer(item)])
        }
    }

    func delete(_ terms: some Sequence<IndexTerm>, _ field: IndexField, of item: Int64) throws {
        guard let number = try self.fields.number(of: field) else { return }
        for term in terms {
            try self.connection.execute(
                "DELETE FROM registry_terms WHERE field = ? AND word = ? AND item = ?",
                [.integer(number), .text(term.word), .integer(item)])
        }
    }

    /// Changes what an item has in a field.
    func replace(_ old: Set<IndexTerm>, by new: Set<IndexTerm>, _ field: IndexField, of item: Int64) throws {
        guard old != new else { return }
        // By word, which is what a row is found by.
        let kept = old.intersection(new)
        try self.delete(old.subtracting(kept), field, of: item)
        try self.insert(new.subtracting(kept), field, of: item)
    }

    func replace(_ old: String?, by new: String?, _ field: IndexField, of item: Int64) throws {
        guard old != new else { return }
        try self.replace(old.map(IndexTerm.terms) ?? [], by: new.map(IndexTerm.terms) ?? [], field, of: item)
    }

    /// The numbers that a field's values say, in ascending order: once for each word of a value.
    func forEachNumber(_ field: Int64, _ body: (Double) throws -> Void) throws {
        try self.connection.forEach("SELECT number FROM registry_terms WHERE field = ? AND number IS NOT NULL", [.integer(field)]) {
            try body($0.real(0))
        }
    }

    /// Items with this very word in a field, from `item` on, in ascending order.
    func items(_ field: Int64, word: String, from item: Int64, limit: Int) throws -> [Int64] {
        try self.connection.query(
            "SELECT item FROM registry_terms WHERE field = ? AND word = ? AND item >= ? ORDER BY item LIMIT ?",
            [.integer(field), .text(word), .integer(item), StoreValue(limit)]
        ).map { try $0.integer(0) }
    }
}
