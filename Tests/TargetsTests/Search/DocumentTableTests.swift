import AWSAPI
import JSON
import Logging
import Storage
import Testing

@testable import Targets

@Suite("Documents of the embedded OpenSearch")
struct DocumentTableTests {
    private let store: any Store

    init() throws {
        self.store = try SQLiteStore.inMemory(
            migrations: TargetsService.migrations, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func table<T: Sendable>(_ body: @escaping @Sendable (DocumentTable) throws -> T) async throws -> T {
        try await self.store.write { connection in
            var limits = TargetLimits()
            limits.maxRecords = 2
            limits.maxRecordBytes = 10
            limits.maxTargets = 2
            return try body(DocumentTable(connection: connection, limits: limits))
        }
    }

    private static func document(_ id: String, _ body: String = "{}") -> StoredDocument {
        StoredDocument(index: "i", id: id, type: "_doc", version: 0, sequence: 0, time: 1, body: Array(body.utf8))
    }

    @Test("a document has its own version, and the index's sequence number")
    func versions() async throws {
        try await self.table { table in
            try table.createIndex("i", at: 1)
            let first = try table.put(Self.document("a"))
            let second = try table.put(Self.document("b"))
            let third = try table.put(Self.document("a", "{\"x\":1}"))
            #expect([first.version, second.version, third.version] == [1, 1, 2])
            #expect([first.sequence, second.sequence, third.sequence] == [0, 1, 2])
            #expect(try table.newest(in: "i", after: 0, limit: 5).map(\.id) == ["b", "a"])
            #expect(try table.newest(in: "i", after: 2, limit: 5).map(\.id) == ["a"])
            #expect(try table.delete("a", in: "i")?.version == 3)
            #expect(try table.delete("a", in: "i") == nil)
            #expect(try table.put(Self.document("a")).version == 1)
        }
    }

    @Test("an index takes so many documents and bytes, and knows how many it has")
    func limits() async throws {
        try await self.table { table in
            try table.createIndex("i", at: 1)
            _ = try table.put(Self.document("a"))
            _ = try table.put(Self.document("b", "{\"x\":1}"))
            #expect(throws: AWSError.self) { try table.put(Self.document("c")) }
            #expect(throws: AWSError.self) { try table.put(Self.document("a", "{\"xxx\":1}")) }
            #expect(try table.indices() == [TargetSummary(name: "i", kind: "index", records: 2, bytes: 9)])
            _ = try table.delete("b", in: "i")
            _ = try table.put(Self.document("a", "{\"xxx\":1}"))
            #expect(try table.indices() == [TargetSummary(name: "i", kind: "index", records: 1, bytes: 9)])
        }
    }

    @Test("there are so many indices")
    func indices() async throws {
        try await self.table { table in
            try table.createIndex("i", at: 1)
            try table.createIndex("j", at: 1)
            #expect(throws: AWSError.self) { try table.createIndex("k", at: 1) }
            #expect(try table.deleteIndex("j"))
            #expect(try !table.deleteIndex("j"))
            try table.createIndex("k", at: 1)
        }
    }

    @Test(
        "a term is a field's value, or one of them",
        arguments: [
            ("a", "x", true), ("a", "y", false), ("a.b", "x", false), ("list", 2, true), ("o.p", true, true), ("a.keyword", "x", true),
            ("none", .null, false),
        ] as [(String, JSONValue, Bool)])
    func terms(_ field: String, _ value: JSONValue, _ expected: Bool) throws {
        let query = try SearchQuery(["term": .object([field: value])])
        #expect(query.matches(["a": "x", "list": [1, 2], "o": ["p": true]]) == expected)
    }

    @Test(
        "names that a domain would refuse",
        arguments: [
            "", ".", "..", "_x", "-x", "+x", "Upper", "a b", "a,b", "a#b", "a:b", "a*", "2021-01-01", String(repeating: "x", count: 256),
        ])
    func names(_ index: String) {
        #expect(throws: AWSError.self) { try SearchName.checkIndex(index) }
    }
}
