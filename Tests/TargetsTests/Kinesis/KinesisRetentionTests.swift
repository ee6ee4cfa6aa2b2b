import JSON
import Logging
import Storage
import Testing

@testable import Targets

@Suite("Retention of the embedded Kinesis")
struct KinesisRetentionTests {
    @Test("records from before a time go, and what is left is counted")
    func drop() async throws {
        let store = try SQLiteStore.inMemory(
            migrations: TargetsService.migrations, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await store.write { connection in
            let log = RecordLog(connection: connection, service: "kinesis", limits: TargetLimits())
            _ = try log.create("s", kind: "stream", at: 0)
            try log.append([5, 5, 9].map { TargetRecord(key: "k", time: $0, body: [1, 2]) }, to: "s")
            try log.drop(before: 5, from: "s")
            try #expect(log.entry("s")?.records == 3)
            try log.drop(before: 9, from: "s")
            let entry = try #require(try log.entry("s"))
            #expect((entry.records, entry.bytes, entry.last) == (1, 2, 3))
            try #expect(log.page(of: "s", after: 0, limit: 9).map(\.position) == [3])
            try log.drop(before: 100, from: "s")
            try log.drop(before: 100, from: "s")
            try #expect(log.entry("s")?.bytes == 0)
        }
    }

    @Test("a stream keeps records for a day, or for what was set")
    func start() {
        func entry(_ attributes: JSONObject) -> RecordLog.Entry {
            RecordLog.Entry(name: "s", kind: "stream", attributes: attributes, createdAt: 0, records: 0, bytes: 0, last: 0)
        }
        #expect(KinesisRetention.start(of: entry([:]), now: 86_400_007) == 7)
        #expect(KinesisRetention.start(of: entry(["retentionHours": 48]), now: 172_800_007) == 7)
    }
}
