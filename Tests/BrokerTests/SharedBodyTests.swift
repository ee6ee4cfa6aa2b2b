import Logging
import NIOCore
import NIOPosix
import Storage
import Testing

@testable import Broker

/// Bodies that several queues refer to: they stay as long as one of them does, and no longer.
@Suite struct SharedBodyTests {
    private let store: any Store
    private let eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    init() throws { self.store = try SQLiteStore.inMemory(migrations: Broker.migrations, logger: Logger(label: "test")) }

    private func integers(_ sql: String) async throws -> [Int64] {
        try await self.store.read { try $0.query(sql, []).map { try $0.integer(0) } }
    }

    /// Waits until a query's first column is as expected.
    private func wait(for expected: [Int64], _ sql: String) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await self.integers(sql) != expected {
            guard ContinuousClock.now < deadline else {
                Issue.record("\(sql) is \(try await self.integers(sql)), not \(expected)")
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Loop-confined: made and used on `eventLoop` alone.
    private final class Queues: @unchecked Sendable {
        let journal: Journal
        var entries: [(session: Session, entry: QueuedPublish)] = []

        init(_ journal: Journal) { self.journal = journal }

        func add(_ body: Int64, to session: Session) {
            let entry = QueuedPublish(body: Self.body(body), qos: 1, isRetained: false, identifiers: [])
            entry.sequence = session.takeSequence()
            session.appendPending(entry)
            self.journal.append(entry, for: session)
            self.entries.append((session, entry))
        }

        func finish(_ index: Int) {
            let (session, entry) = self.entries[index]
            entry.isSettled = true
            _ = session.popPending()
            self.journal.finished(entry, of: session)
        }

        private static func body(_ id: Int64) -> MessageBody {
            Array("t".utf8).withUnsafeBytes {
                MessageBody(
                    id: id, topic: $0, properties: ForwardedProperties(), payload: $0, qos: 1, isRetained: false, expiresAt: 0,
                    publishedAt: 0, publisher: "")
            }
        }
    }

    private func queues() async throws -> Queues {
        let store = self.store
        let eventLoop = self.eventLoop
        return try await eventLoop.submit {
            Queues(Journal(store: store, eventLoop: eventLoop, logger: Logger(label: "test"), totals: QueueTotals()))
        }.get()
    }

    private static func session(_ id: Int64) -> Session {
        Session(clientID: ExactText("c\(id)"), id: id, version: 5, expirySeconds: 60, loop: 0)
    }

    @Test func anEndedSessionTakesOnlyTheReferencesThatItStillHas() async throws {
        let queues = try await self.queues()
        let purge = QueuePurge(store: self.store, logger: Logger(label: "test"))
        await purge.start()
        let one = Self.session(1)
        let two = Self.session(2)
        try await self.eventLoop.submit {
            for body in [Int64(100), 101, 102] {
                queues.add(body, to: one)
                queues.add(body, to: two)
            }
            queues.journal.flush()
        }.get()
        try await self.wait(for: [2, 2, 2], "SELECT references_left FROM broker_message ORDER BY id")
        // The first session finishes its first message, which shares a row with the others, and ends.
        try await self.eventLoop.submit {
            queues.finish(0)
            one.end()
            queues.journal.whenStored { purge.add(1) }
            queues.journal.flush()
        }.get()
        try await self.wait(for: [2], "SELECT DISTINCT session FROM broker_queue")
        #expect(try await self.integers("SELECT references_left FROM broker_message ORDER BY id") == [1, 1, 1])
        #expect(try await self.integers("SELECT COUNT(*) FROM broker_head WHERE session = 1") == [0])
        await purge.stop()
    }

    @Test func whatIsFinishedWhileItIsWrittenLeavesNothing() async throws {
        let queues = try await self.queues()
        let one = Self.session(1)
        let two = Self.session(2)
        try await self.eventLoop.submit {
            queues.add(100, to: one)
            queues.add(100, to: two)
            queues.journal.flush()
            // The write is under way, and its end comes back to this loop after this.
            queues.finish(0)
            queues.finish(1)
        }.get()
        try await self.wait(for: [0], "SELECT COUNT(*) FROM broker_queue")
        try await self.wait(for: [0], "SELECT COUNT(*) FROM broker_message")
    }
}
