import Dispatch
import GRDB
import Testing

@testable import Storage

/// The group-commit writer by itself.
@Suite struct WriterTests {
    private static func withWriter(limit: Int, _ body: (GroupCommitWriter) async throws -> Void) async throws {
        let queue = try DatabaseQueue()
        try await queue.write { try $0.execute(sql: "CREATE TABLE t (v INTEGER)") }
        let upkeep = Upkeep(writer: queue, checkpointer: nil, logger: quiet)
        let writer = GroupCommitWriter(database: queue, path: "test", upkeep: upkeep, metrics: StorageMetrics(), queueLimit: limit)
        try await body(writer)
        upkeep.stop()
        _ = await writer.close()
    }

    private static func outcome(
        _ writer: GroupCommitWriter, mayWait: Bool = false, _ body: @escaping @Sendable (any StoreConnection) throws -> Void
    ) async -> (any Error)? {
        await withCheckedContinuation { continuation in
            writer.submit(.init(body: body, completion: { continuation.resume(returning: $0) }), mayWait: mayWait)
        }
    }

    @Test func aFullQueueRefusesSubmissionsButNotThoseWhoWait() async throws {
        try await Self.withWriter(limit: 2) { writer in
            let gate = DispatchSemaphore(value: 0)
            let completed = Collected<Bool>()
            // Holds the writer until the gate opens.
            writer.submit(.init(body: { _ in gate.wait() }, completion: { completed.append($0 == nil) }), mayWait: false)
            writer.submit(.init(body: { _ in }, completion: { completed.append($0 == nil) }), mayWait: false)
            let refused = await Self.outcome(writer) { _ in }
            #expect(refused as? StoreError == .overloaded(limit: 2))
            async let waited = Self.outcome(writer, mayWait: true) { _ in }
            gate.signal()
            #expect(await waited == nil)
            #expect(completed.all == [true, true])
            #expect(await Self.outcome(writer) { _ in } == nil)
        }
    }

    @Test func aTransactionThatIsLostFailsAllThatItHeldAndNoneThatFollow() async throws {
        try await Self.withWriter(limit: 100) { writer in
            let gate = DispatchSemaphore(value: 0)
            let errors = Collected<StoreError?>()
            writer.submit(.init(body: { _ in gate.wait() }, completion: { _ in }), mayWait: false)
            for sql in ["INSERT INTO t VALUES (1)", "ROLLBACK", "INSERT INTO t VALUES (2)"] {
                writer.submit(.init(body: { _ = try $0.execute(sql) }, completion: { errors.append($0 as? StoreError) }), mayWait: false)
            }
            gate.signal()
            let values = Collected<Int64>()
            let error = await Self.outcome(writer) { try $0.forEach("SELECT v FROM t") { values.append(try $0.integer(0)) } }
            #expect(error == nil)
            #expect(values.all == [2])
            let lost = StoreError.transactionLost("the database gave the transaction up")
            #expect(errors.all == [lost, lost, nil])
        }
    }

    @Test func aTransactionTakesNoMoreThanItsRows() async throws {
        try await Self.withWriter(limit: 100) { writer in
            let rows = GroupCommitWriter.maxRowsPerTransaction
            let many = "INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < \(rows)) SELECT n FROM c"
            let errors = Collected<Bool>()
            for _ in 0..<5 {
                writer.submit(.init(body: { _ = try $0.execute(many) }, completion: { errors.append($0 != nil) }), mayWait: false)
            }
            let error = await Self.outcome(writer) { _ in throw Refused() }
            #expect(error is Refused)
            #expect(errors.all == [false, false, false, false, false])
        }
    }
}
