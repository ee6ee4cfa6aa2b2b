import Storage

/// Turns a query into cursors over the search index.
///
/// Where a part has no cursor (a negation, or a range that very many items are in), items are decided on by their documents: those that the rest of
/// the query leaves, or all.
struct QueryPlan {
    let connection: any StoreConnection
    let domain: IndexDomain
    let fields: FieldReader

    /// The items among which all are that match; nil when those can be any.
    func cursor(_ node: QueryNode) throws -> ItemCursor? {
        switch node {
        case .all, .not: return nil
        case .and(let nodes):
            // Gathering the hits of a range costs more than looking at a few documents.
            for case .term(let term) in nodes where try self.hasFew(term) { return try self.cursor(term) }
            let cursors = try nodes.compactMap(self.cursor)
            return cursors.count > 1 ? EveryCursor(cursors) : cursors.first
        case .or(let nodes):
            var cursors: [ItemCursor] = []
            for node in nodes {
                guard let cursor = try self.cursor(node) else { return nil }
                cursors.append(cursor)
            }
            return AnyCursor(cursors)
        case .term(let term): return try self.cursor(term)
        }
    }

    /// All items of the index.
    func everything() -> ItemCursor {
        let table = self.domain == .things ? "registry_things" : "registry_groups"
        return QueryCursor(self.connection, "SELECT number FROM \(table) WHERE number >= ? ORDER BY number LIMIT ?", [])
    }

    private func cursor(_ term: QueryTerm) throws -> ItemCursor? {
        guard let field = term.field else { return try self.cursorInAnyField(term.condition) }
        guard case .near = term.condition else { return try self.cursor(term.condition, in: field) }
        var cursors: [ItemCursor] = []
        for path in GeoCircle.fields(of: field) {
            guard let cursor = try self.cursor(.exists, in: path) else { return nil }
            cursors.append(cursor)
        }
        return AnyCursor(cursors)
    }

    private func cursorInAnyField(_ condition: QueryCondition) throws -> ItemCursor? {
        let paths = try self.fields.paths(of: self.domain, limit: SearchLimits.defaultFields + 1).filter(IndexDocument.isSearchedByDefault)
        guard paths.count <= SearchLimits.defaultFields else { return nil }
        var cursors: [ItemCursor] = []
        for path in paths {
            guard let cursor = try self.cursor(condition, in: path) else { return nil }
            cursors.append(cursor)
        }
        return AnyCursor(cursors)
    }

    private func cursor(_ condition: QueryCondition, in path: String) throws -> ItemCursor? {
        // Things that never connected have no row that says so.
        if path == IndexDocument.connected, condition != .word("true", number: nil) { return nil }
        // What no item ever had, none has now.
        guard let field = try self.fields.number(of: IndexField(domain: self.domain, path: path)) else { return GatheredCursor([]) }
        switch condition {
        case .exists: return try self.gathered(field, words: IndexTerm.range(prefix: ""))
        case .word(let word, let number):
            let byWord = self.word(word, field)
            return number.map { AnyCursor([byWord, self.number($0, field)]) } ?? byWord
        case .phrase(let words): return EveryCursor(words.map { self.word($0, field) })
        case .pattern(let pattern): return try self.pattern(pattern, field)
        case .numbers(let range): return try self.gathered(field, range)
        case .words(let range):
            // One that is cut in the index may belong to the range where its beginning does not.
            let lower = range.lower.map { IndexTerm.word($0.value[...]) } ?? ""
            let upper = range.upper.map { IndexTerm.range(prefix: $0.value).upperBound } ?? IndexTerm.range(prefix: "").upperBound
            return lower < upper ? try self.gathered(field, words: lower..<upper) : GatheredCursor([])
        case .near: return nil
        }
    }

    /// Whether a term is a word that few items have.
    private func hasFew(_ term: QueryTerm) throws -> Bool {
        guard let path = term.field, path != IndexDocument.connected, case .word(let word, number: nil) = term.condition else {
            return false
        }
        guard let field = try self.fields.number(of: IndexField(domain: self.domain, path: path)) else { return true }
        let hits = try self.connection.queryOne(
            "SELECT COUNT(*) FROM (SELECT 1 FROM registry_terms WHERE field = ? AND word = ? LIMIT ?) AS hits",
            [.integer(field), .text(IndexTerm.word(word[...])), StoreValue(SearchLimits.few + 1)])
        return try hits?.integer(0) ?? 0 <= SearchLimits.few
    }

    // MARK: Leaves

    private func word(_ word: String, _ field: Int64) -> ItemCursor {
        QueryCursor(
            self.connection, "SELECT item FROM registry_terms WHERE field = ? AND word = ? AND item >= ? ORDER BY item LIMIT ?",
            [.integer(field), .text(IndexTerm.word(word[...]))])
    }

    private func number(_ number: Double, _ field: Int64) -> ItemCursor {
        QueryCursor(
            self.connection,
            "SELECT item FROM registry_terms WHERE field = ? AND number = ? AND number IS NOT NULL AND item >= ? ORDER BY item LIMIT ?",
            [.integer(field), .real(number)])
    }

    private func gathered(_ field: Int64, words range: Range<String>) throws -> ItemCursor? {
        try self.gathered(
            "SELECT item FROM registry_terms WHERE field = ? AND word >= ? AND word < ? LIMIT ?",
            [.integer(field), .text(range.lowerBound), .text(range.upperBound)])
    }

    /// The ends of a range of numbers count as included: documents decide.
    private func gathered(_ field: Int64, _ range: QueryRange<Double>) throws -> ItemCursor? {
        try self.gathered(
            "SELECT item FROM registry_terms WHERE field = ? AND number >= ? AND number <= ? AND number IS NOT NULL LIMIT ?",
            [
                .integer(field), .real(range.lower?.value ?? -Double.greatestFiniteMagnitude),
                .real(range.upper?.value ?? Double.greatestFiniteMagnitude),
            ])
    }

    private func gathered(_ sql: String, _ values: [StoreValue]) throws -> ItemCursor? {
        let items = try self.connection.query(sql, values + [StoreValue(SearchLimits.gathered + 1)]).map { try $0.integer(0) }
        guard items.count <= SearchLimits.gathered else { return nil }
        return GatheredCursor(Set(items).sorted())
    }

    /// Words of which the beginning is known are a range of the index; for the others all words of the field are looked at.
    private func pattern(_ pattern: WordPattern, _ field: Int64) throws -> ItemCursor? {
        let prefix = pattern.prefix
        guard prefix.isEmpty else { return try self.gathered(field, words: IndexTerm.range(prefix: prefix)) }
        var items: Set<Int64> = []
        var word = ""
        var isMatch = false
        do {
            try self.connection.forEach(
                "SELECT word, item FROM registry_terms WHERE field = ? ORDER BY word", [.integer(field)]
            ) { row in
                let next = try row.text(0)
                if next != word {
                    word = next
                    // The end of a word that was cut is not known here.
                    isMatch = word.utf8.count >= IndexTerm.maxWordBytes - 3 || pattern.matches(word)
                }
                guard isMatch else { return }
                items.insert(try row.integer(1))
                if items.count > SearchLimits.gathered { throw TooMany() }
            }
        } catch is TooMany {
            return nil
        }
        return GatheredCursor(items.sorted())
    }

    private struct TooMany: Error {}
}
