import JSON
import Logging
import Storage
import Testing

@testable import Targets

@Suite("The log of records")
struct RecordLogTests {
    private let store: any Store

    init() throws {
        self.store = try SQLiteStore.inMemory(
            migrations: TargetsService.migrations, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func log<T: Sendable>(
        maxRecords: Int = 100, maxBytes: Int = 1_000_000, _ body: @escaping @Sendable (RecordLog) throws -> T
    ) async throws -> T {
        try await self.store.write { connection in
            var limits = TargetLimits()
            limits.maxRecords = maxRecords
            limits.maxRecordBytes = maxBytes
            limits.maxTargets = 2
            return try body(RecordLog(connection: connection, service: "kinesis", limits: limits))
        }
    }

    private static func records(_ bodies: String...) -> [TargetRecord] {
        bodies.map { TargetRecord(key: "k-\($0)", time: 5, attributes: ["partition": .string($0)], body: Array($0.utf8)) }
    }

    @Test("what is appended is read in its order, by position and by key")
    func readsBack() async throws {
        let found = try await self.log { log in
            _ = try log.create("a", kind: "stream", at: 1)
            try #expect(log.append(Self.records("x", "y"), to: "a") == 1)
            try #expect(log.append(Self.records("z"), to: "a") == 3)
            try #expect(log.find("k-y", in: "a")?.position == 2)
            try #expect(log.find("k-?", in: "a") == nil)
            try #expect(log.page(of: "a", after: 1, limit: 1).map(\.key) == ["k-y"])
            return try log.newest(of: "a", after: nil, limit: 2)
        }
        #expect(found?.map(\.body) == [Array("y".utf8), Array("z".utf8)])
        #expect(found?.first?.attributes == ["partition": "y"])
    }

    @Test("a target that is not there takes nothing and has nothing")
    func noTarget() async throws {
        try await self.log { log in
            try #expect(log.append(Self.records("x"), to: "a") == nil)
            try #expect(log.newest(of: "a", after: nil, limit: 2) == nil)
        }
    }

    @Test("past the number of records the oldest go")
    func boundedByCount() async throws {
        try await self.log(maxRecords: 3) { log in
            _ = try log.create("a", kind: "stream", at: 1)
            for body in ["1", "2", "3", "4", "5"] { try log.append(Self.records(body), to: "a") }
            try #expect(log.page(of: "a", after: 0, limit: 10).map(\.position) == [3, 4, 5])
            let entry = try #require(try log.entry("a"))
            #expect((entry.records, entry.bytes, entry.last) == (3, 3, 5))
        }
    }

    @Test("past the bytes the oldest go, but the newest stays")
    func boundedByBytes() async throws {
        try await self.log(maxBytes: 5) { log in
            _ = try log.create("a", kind: "stream", at: 1)
            try log.append(Self.records("aaa", "bb"), to: "a")
            try #expect(log.entry("a")?.records == 2)
            try log.append(Self.records("cccccccc"), to: "a")
            try #expect(log.page(of: "a", after: 0, limit: 10).map(\.position) == [3])
        }
    }

    @Test("targets are bounded, and deleted with their records")
    func targets() async throws {
        try await self.log { log in
            try #expect(log.create("a", kind: "stream", at: 1))
            try #expect(log.create("b", kind: "stream", attributes: ["shards": 1], at: 1))
            try #expect(!log.create("c", kind: "stream", at: 1))
            try log.append(Self.records("x"), to: "a")
            try #expect(log.delete("a"))
            try #expect(!log.delete("a"))
            try #expect(log.create("a", kind: "stream", at: 2))
            try #expect(log.page(of: "a", after: 0, limit: 10).isEmpty)
            try #expect(log.entries().map(\.name) == ["a", "b"])
            try #expect(log.entry("b")?.attributes == ["shards": 1])
        }
    }
}
