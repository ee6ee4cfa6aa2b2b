import AWSAPI
import Storage

/// A search inside one read of the store.
struct IndexSearch {
    let connection: any StoreConnection
    let domain: IndexDomain
    let query: SearchQuery
    let configuration: IndexConfiguration
    let fields: FieldReader

    private var documents: IndexDocuments { IndexDocuments(connection: self.connection, configuration: self.configuration) }

    /// At most `limit` things that match, from the one with this number on.
    func things(from item: Int64, limit: Int) throws -> [IndexedThing] {
        var result: [IndexedThing] = []
        try self.forEachItem(from: item) { number in
            guard let thing = try self.documents.thing(number), self.query.matches(thing.document) else { return true }
            result.append(thing)
            return result.count < limit
        }
        return result
    }

    func groups(from item: Int64, limit: Int) throws -> [IndexedGroup] {
        var result: [IndexedGroup] = []
        try self.forEachItem(from: item) { number in
            guard let group = try self.documents.group(number), self.query.matches(group.document) else { return true }
            result.append(group)
            return result.count < limit
        }
        return result
    }

    /// The numbers of a field of all items that match, in any order.
    func forEachNumber(of path: String, _ body: (Double) throws -> Void) throws {
        // An attribute is one word, so the index has the number of each once.
        guard self.isOfAllThings, case .attribute? = ThingField(path: path) else {
            return try self.forEachValue(of: path) { try $0.compactMap(\.number).forEach(body) }
        }
        guard let field = try self.fields.number(of: IndexField(domain: .things, path: path)) else { return }
        try TermTable(connection: self.connection, fields: self.fields).forEachNumber(field, body)
    }

    private var isOfAllThings: Bool {
        if case .all = self.query.root { self.domain == .things } else { false }
    }

    /// The values of a field of all items that match, item by item; none of those that do not have it.
    func forEachValue(of path: String, _ body: ([IndexValue]) throws -> Void) throws {
        if self.isOfAllThings, let field = ThingField(path: path) {
            return try ThingTable(connection: self.connection).forEachValue(of: field) { try body([$0]) }
        }
        try self.forEachItem(from: 0) { number in
            let values: [IndexValue]
            switch self.domain {
            case .things:
                guard let thing = try self.documents.thing(number) else { return true }
                let document = thing.document
                guard self.query.matches(document) else { return true }
                values = thing.values(of: path, in: document)
            case .thingGroups:
                guard let group = try self.documents.group(number) else { return true }
                let document = group.document
                guard self.query.matches(document) else { return true }
                values = group.values(of: path, in: document)
            }
            if !values.isEmpty { try body(values) }
            return true
        }
    }

    /// The items that may match, in order, until `body` returns false.
    private func forEachItem(from item: Int64, _ body: (Int64) throws -> Bool) throws {
        let plan = QueryPlan(connection: self.connection, domain: self.domain, fields: self.fields)
        let cursor = try plan.cursor(self.query.root) ?? plan.everything()
        var next = item
        while let found = try cursor.next(from: next) {
            guard try body(found) else { return }
            next = found + 1
        }
    }
}

extension RegistryService {
    /// Runs a search on what is in the index by now.
    ///
    /// - Throws: `AWSError` when the index is off or is being built, or the query is not valid.
    func search<T: Sendable>(_ input: SearchInput, _ body: @escaping @Sendable (IndexSearch) throws -> T) async throws -> T {
        try await self.catchUpIndex()
        let numbers = self.fieldNumbers
        return try await self.store.read { connection in
            let configuration = try IndexConfiguration.load(connection)
            try configuration.checkSearchable(input.domain)
            let search = IndexSearch(
                connection: connection, domain: input.domain, query: try input.query(configuration), configuration: configuration,
                fields: FieldReader(connection, known: numbers))
            return try body(search)
        }
    }
}

extension IndexConfiguration {
    func checkSearchable(_ domain: IndexDomain) throws(AWSError) {
        let isOn = domain == .things ? self.thingMode != .off : self.indexesGroups
        guard isOn else {
            throw .indexNotReady("The index \(domain.name) is off. UpdateIndexingConfiguration turns it on")
        }
        guard domain == .thingGroups || self.status != .building else {
            throw .indexNotReady("The index \(domain.name) is being built; DescribeIndex tells when it is ACTIVE")
        }
    }
}
