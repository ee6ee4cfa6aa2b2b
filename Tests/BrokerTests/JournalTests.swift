import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Storage
import Testing

@testable import Broker

@Suite struct JournalTests {
    /// A store whose first writes fail, as on a full disk.
    private final class FailingStore: Store {
        struct Full: Error {}
        private let store: any Store
        private let failures: NIOLockedValueBox<Int>

        init(failures: Int) throws {
            self.store = try SQLiteStore.inMemory(migrations: Broker.migrations, logger: Logger(label: "test"))
            self.failures = NIOLockedValueBox(failures)
        }

        func submit(
            _ body: @escaping @Sendable (any StoreConnection) throws -> Void, completion: @escaping @Sendable ((any Error)?) -> Void
        ) {
            let fails = self.failures.withLockedValue { left in
                left -= 1
                return left >= 0
            }
            if fails { completion(Full()) } else { self.store.submit(body, completion: completion) }
        }

        func write<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
            try await self.store.write(body)
        }
        func read<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
            try await self.store.read(body)
        }
        func submitRead(
            _ body: @escaping @Sendable (any StoreConnection) throws -> Void, completion: @escaping @Sendable ((any Error)?) -> Void
        ) { self.store.submitRead(body, completion: completion) }
        func close() async { await self.store.close() }
    }

    private static func body(_ id: Int64) -> MessageBody {
        Array("t".utf8).withUnsafeBytes {
            MessageBody(
                id: id, topic: $0, properties: ForwardedProperties(), payload: $0, qos: 1, isRetained: false, expiresAt: 0, publishedAt: 0,
                publisher: "")
        }
    }

    /// The publisher is not acknowledged when the disk refuses its message; the message itself is written when the disk takes it again.
    @Test func aFailedWriteIsToldAndTriedAgain() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let eventLoop = group.next()
        let store = try FailingStore(failures: 1)
        let told = eventLoop.makePromise(of: Bool.self)
        let stored = eventLoop.makePromise(of: Bool.self)
        try await eventLoop.submit {
            let journal = Journal(store: store, eventLoop: eventLoop, logger: Logger(label: "test"), totals: QueueTotals())
            let session = Session(clientID: ExactText("c"), id: 7, version: 5, expirySeconds: 60, loop: 0)
            let entry = QueuedPublish(body: Self.body(1), qos: 1, isRetained: false, identifiers: [])
            entry.sequence = session.takeSequence()
            let receipt = PublishReceipt()
            receipt.expect(1)
            receipt.whenDone { told.succeed(receipt.hasFailed) }
            entry.receipt = receipt
            journal.onStored = { _ in stored.succeed(entry.isStored) }
            journal.append(entry, for: session)
            journal.flush()
        }.get()
        #expect(try await told.futureResult.get())
        #expect(try await stored.futureResult.get())
        let rows = try await store.read { try $0.query("SELECT session, messages FROM broker_queue", []) }
        #expect(rows.map(\.values) == [[.integer(7), .integer(1)]])
    }

    /// A message that its receiver acknowledged before the commit is not written, and its publisher is acknowledged.
    @Test func whatIsSettledIsNotWritten() async throws {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let store = try FailingStore(failures: 0)
        let done = eventLoop.makePromise(of: Bool.self)
        try await eventLoop.submit {
            let journal = Journal(store: store, eventLoop: eventLoop, logger: Logger(label: "test"), totals: QueueTotals())
            let session = Session(clientID: ExactText("c"), id: 7, version: 5, expirySeconds: 60, loop: 0)
            for (i, isSettled) in [true, false].enumerated() {
                let entry = QueuedPublish(body: Self.body(Int64(i)), qos: 1, isRetained: false, identifiers: [])
                entry.sequence = session.takeSequence()
                entry.isSettled = isSettled
                journal.append(entry, for: session)
            }
            journal.record(.nothing) { done.succeed($0) }
            journal.flush()
        }.get()
        #expect(try await done.futureResult.get())
        let rows = try await store.read { try $0.query("SELECT first_sequence, last_sequence FROM broker_queue", []) }
        #expect(rows.map(\.values) == [[.integer(2), .integer(2)]])
    }
}
