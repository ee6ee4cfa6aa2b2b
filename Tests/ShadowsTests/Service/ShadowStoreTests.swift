import JSON
import Storage
import Synchronization
import Testing

@testable import Shadows

/// The service on a store that fails or is slow.
@Suite struct ShadowStoreTests {
    private static let key = ShadowKey(thing: "t")

    private static let failures: [ScriptedStore.Behaviour] = [
        .refused(.overloaded(limit: 1)), .undone(.diskFull(path: "test")),
        .undone(.inputOutput(path: "test", what: "fsync")),
    ]

    @Test(arguments: [0, 1, 2]) func aFailedWriteChangesNothing(failure: Int) async throws {
        try await ShadowHouse.run { house in
            let other = ShadowKey(thing: "other")
            let before = try await house.call(.update(state: #"{"desired":{"a":1}}"#), Self.key).update?.current
            _ = await house.messages()

            house.store.behave(Self.failures[failure])
            let failed = ShadowProblem(code: 500, message: "Internal service failure")
            #expect(try await house.call(.update(state: #"{"desired":{"a":2}}"#), Self.key).problem == failed)
            #expect(try await house.call(.update(state: #"{"desired":{"a":2}}"#), other).problem == failed)
            #expect(await house.call(.delete, Self.key).problem == failed)
            #expect(await house.call(.get, Self.key).problem == failed)
            #expect(await house.messages().isEmpty)
            // Over MQTT somebody is told, and nobody waits for an acknowledgement for ever.
            try await house.publish("$aws/things/t/shadow/update", #"{"state":{"desired":{"a":3}},"clientToken":"c"}"#)
            let message = await house.messages().last
            #expect(message?.topic == "$aws/things/t/shadow/update/rejected")
            #expect(message?.text == #"{"code":500,"message":"Internal service failure","timestamp":1000,"clientToken":"c"}"#)

            house.store.behave(.normal)
            #expect(await house.call(.get, other).problem?.code == 404)
            #expect(await house.call(.get, Self.key).found?.stateText == #"{"desired":{"a":1}}"#)
            let after = try await house.call(.update(state: #"{"desired":{"a":4}}"#, version: 1), Self.key).update
            #expect(after?.previous == before && after?.current.version == 2)
        }
    }

    /// A flood while the store takes nothing: each is told, and the service is as before.
    @Test func aStoreThatRefusesForLong() async throws {
        try await ShadowHouse.run { house in
            house.store.behave(.refused(.overloaded(limit: 1)))
            let codes = await Self.calls(house, count: 2_000) { index in
                index % 2 == 0 ? .get : try .update(state: #"{"desired":{"a":\#(index)}}"#)
            }.map { $0.problem?.code }
            #expect(codes.count == 2_000 && codes.allSatisfy { $0 == 500 })
            #expect(house.service.queue.withLock { $0.isEmpty })
            house.store.behave(.normal)
            let update = try await house.call(.update(state: "{}"), Self.key).update
            #expect(update?.current.version == 1)
        }
    }

    /// The same with as many waiting as may.
    @Test func aStoreThatRefusesAFullQueue() async throws {
        try await ShadowHouse.run { house in
            let codes = Mutex<[Int: Int]>([:])
            house.store.holdWrites()
            let count = house.service.limits.maxWaiting + 1
            for index in 0..<count {
                house.service.submit(
                    ShadowRequest(
                        key: ShadowKey(thing: "t\(index)"), operation: .delete, clientToken: nil, source: "http:k",
                        reply: .caller { outcome in codes.withLock { $0[outcome.problem?.code ?? 0, default: 0] += 1 } }))
            }
            house.store.behave(.refused(.closed))
            house.store.releaseWrites()
            #expect(codes.withLock { $0 } == [429: 1, 500: count - 1])
            #expect(house.service.queue.withLock { $0.isEmpty })
        }
    }

    private static func calls(
        _ house: ShadowHouse, count: Int, _ operation: @escaping @Sendable (Int) throws -> ShadowRequest.Operation
    ) async -> [ShadowOutcome] {
        await withTaskGroup(of: ShadowOutcome?.self) { group in
            for index in 0..<count {
                group.addTask {
                    guard let operation = try? operation(index) else { return nil }
                    return await house.call(operation, ShadowKey(thing: "t\(index % 7)"))
                }
            }
            return await group.reduce(into: []) { if let outcome = $1 { $0.append(outcome) } }
        }
    }

    @Test func aDamagedShadowDisturbsNoOther() async throws {
        try await ShadowHouse.run { house in
            let keys = (0..<10).map { ShadowKey(thing: "t\($0)") }
            for key in keys { try await house.call(.update(state: #"{"desired":{"a":1}}"#), key) }
            try await house.store.write { _ = try $0.execute("UPDATE shadows SET state = 7 WHERE thing = 't5'") }
            let outcomes = Mutex<[ShadowKey: ShadowOutcome]>([:])
            house.store.holdWrites()
            for key in keys {
                house.service.submit(
                    ShadowRequest(
                        key: key, operation: try .update(state: #"{"reported":{"a":1}}"#), clientToken: nil, source: "http:k",
                        reply: .caller { outcome in outcomes.withLock { $0[key] = outcome } }))
            }
            // All of them in one transaction.
            house.store.releaseWrites()
            _ = try await house.call(.update(state: "{}"), keys[0])
            for key in keys {
                let outcome = outcomes.withLock { $0[key] }
                #expect(outcome?.update?.current.version == (key.thing == "t5" ? nil : 2))
                #expect(outcome?.problem?.code == (key.thing == "t5" ? 500 : nil))
            }
        }
    }

    // MARK: A store that is slow

    /// A reader may find that another one has taken all there was; what comes before it has ended belongs to the next one.
    @Test func aReaderWithoutRequestsTakesNone() async throws {
        try await ShadowHouse.run { house in
            try await house.call(.update(state: "{}"), Self.key)
            let answers = Atomic(0)
            let get = ShadowRequest(
                key: Self.key, operation: .get, clientToken: nil, source: "http:k",
                reply: .caller { _ in answers.add(1, ordering: .sequentiallyConsistent) })
            house.store.holdReads()
            for _ in 0..<ShadowQueue.maxBatch { house.service.submit(get) }
            let readers = house.store.heldReads()
            #expect(readers.count == 2)
            for reader in readers { try await house.store.base.read(reader.body) }
            house.service.submit(get)
            for reader in readers { reader.completion(nil) }
            for reader in house.store.heldReads() {
                try await house.store.base.read(reader.body)
                reader.completion(nil)
            }
            #expect(answers.load(ordering: .sequentiallyConsistent) == ShadowQueue.maxBatch + 1)
            #expect(house.service.queue.withLock { $0.isEmpty })
        }
    }

    /// What a get read before a change is not answered after it.
    @Test func noAnswerIsOlderThanOneBeforeIt() async throws {
        try await ShadowHouse.run { house in
            try await house.call(.update(state: "{}"), Self.key)
            let versions = Mutex<[Int64?]>([])
            house.store.holdReads()
            house.service.submit(
                ShadowRequest(
                    key: Self.key, operation: .get, clientToken: nil, source: "http:k",
                    reply: .caller { outcome in versions.withLock { $0.append(outcome.found?.version) } }))
            let reader = try #require(house.store.heldReads().first)
            try await house.store.base.read(reader.body)
            try await house.call(.update(state: "{}"), Self.key)
            reader.completion(nil)
            #expect(try await house.call(.update(state: "{}"), Self.key).update?.current.version == 3)
            #expect(versions.withLock { $0 } == [2])
        }
    }

    @Test func tooManyRequestsAreRefused() async throws {
        var limits = ShadowLimits.aws
        limits.maxInFlight = ShadowLimits.maxInFlightOfAWS
        try await ShadowHouse.run(limits: limits) { house in
            house.store.holdWrites()
            let codes = Mutex<[Int?]>([])
            for index in 0..<12 {
                house.service.submit(
                    ShadowRequest(
                        key: ShadowKey(thing: "t", name: "n\(index)"), operation: try .update(state: "{}"), clientToken: nil,
                        source: "mqtt:a", reply: .caller { outcome in codes.withLock { $0.append(outcome.problem?.code) } }))
            }
            #expect(codes.withLock { $0 } == [429, 429])
            house.store.releaseWrites()
            #expect(await house.call(.get, Self.key, source: "mqtt:b").problem?.code == 404)
            #expect(await house.call(.delete, Self.key, source: "mqtt:b").problem?.code == 404)
            #expect(codes.withLock { $0.count(where: { $0 == nil }) } == 10)
        }
    }
}
