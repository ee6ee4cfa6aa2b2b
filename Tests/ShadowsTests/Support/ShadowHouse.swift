import Broker
import Foundation
import JSON
import NIOCore
import NIOPosix
import Storage
import Synchronization
import Testing

@testable import Shadows

/// The shadow service on a real broker, with somebody who listens to all it says.
final class ShadowHouse: Sendable {
    static let threads = 2

    let store: ScriptedStore
    let broker: Broker
    let service: ShadowService
    let watcher = ShadowWatcher()
    let clock = HandClock()
    private let group: MultiThreadedEventLoopGroup

    private init(store: any Store, limits: ShadowLimits) async throws {
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: Self.threads)
        self.store = ScriptedStore(store)
        // The broker has the store itself: what a test breaks is the shadows' part.
        self.broker = Broker(group: self.group, profile: .aws, store: store, authorizer: Nobody(), logger: quiet)
        self.service = ShadowService(
            store: self.store, broker: self.broker, limits: limits, logger: quiet, clock: { [clock] in clock.now })
        try await self.broker.start()
        self.service.start()
        self.broker.subscribe("$aws/things/+/shadow/#", service: self.watcher)
    }

    static let migrations = Broker.migrations + ShadowService.migrations

    /// On a store in memory, or on one in `folder`.
    static func run<T>(folder: String? = nil, limits: ShadowLimits = .aws, _ body: (ShadowHouse) async throws -> T) async throws -> T {
        let store =
            try folder.map { try SQLiteStore.open(folder: $0, migrations: self.migrations, logger: quiet) }
            ?? SQLiteStore.inMemory(migrations: self.migrations, logger: quiet)
        let house = try await ShadowHouse(store: store, limits: limits)
        do {
            let result = try await body(house)
            try await house.close()
            return result
        } catch {
            try await house.close()
            throw error
        }
    }

    private func close() async throws {
        await self.broker.shutdown()
        await self.store.close()
        try await self.group.shutdownGracefully()
    }

    // MARK: Requests

    @discardableResult
    func call(_ operation: ShadowRequest.Operation, _ key: ShadowKey, source: String = "http:k") async -> ShadowOutcome {
        await self.service.call(operation, key, clientToken: nil, source: source)
    }

    /// Publishes like a device with QoS 1; returns when it would have its acknowledgement.
    func publish(_ topic: String, _ payload: String) async throws {
        try await self.broker.publish(PublishRequest(topic: topic, payload: Array(payload.utf8), qos: 1))
    }

    /// What was said up to now: waits for every event loop, as what is answered is already with its loop.
    func messages() async -> [ShadowWatcher.Message] {
        for lane in 0..<self.broker.postLanes {
            await withCheckedContinuation { done in
                self.broker.post(key: lane) { _ in done.resume() }
            }
        }
        return self.watcher.take()
    }
}

/// Shows the time that a test wants, from second 1000 on.
final class HandClock: Sendable {
    private let seconds = Atomic<Int64>(1000)

    var now: Int64 { self.seconds.load(ordering: .sequentiallyConsistent) }
    func advance(by seconds: Int64) { self.seconds.add(seconds, ordering: .sequentiallyConsistent) }
}

private struct Nobody: Authorizer {
    func authorize(_ attempt: ConnectAttempt) async -> ConnectVerdict { .deny(reason: "no clients here") }
}

/// Hears all that the service says, in order for each shadow.
final class ShadowWatcher: ImmediateSubscriber {
    struct Message: Sendable {
        let topic: String
        let payload: [UInt8]

        var text: String { String(decoding: self.payload, as: UTF8.self) }
        func json() throws -> JSONValue { try JSONValue(parsing: self.payload) }
    }

    private let messages = Mutex<[Message]>([])

    func receive(_ delivery: ServiceDelivery) {
        let message = Message(topic: delivery.message.topic, payload: Array(delivery.message.payload))
        // Requests come on the publisher's loop, answers on the shadow's.
        guard ShadowTopics.parse(message.topic) == nil else { return }
        self.messages.withLock { $0.append(message) }
    }

    /// In the order in which they came on each loop.
    func take() -> [Message] {
        self.messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}

/// A folder of its own for one test, removed at its end.
func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.path + "/roost-shadows-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}
