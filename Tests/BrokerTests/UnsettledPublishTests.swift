import NIOCore
import Testing

@testable import Broker

/// A QoS 2 message whose publisher goes away before the disk has it, and comes back to send it again.
@Suite struct UnsettledPublishTests {
    private static let pubrec: UInt8 = 5
    private static let pubrel: UInt8 = 6
    private static let pubcomp: UInt8 = 7

    /// A persistent receiver on loop 1 that is away, and a publisher on loop 0 whose message loop 1 has not written when it goes.
    private func run(_ body: (TestBroker, HeldStore) async throws -> Void) async throws {
        let store = HeldStore(try TestBroker.makeStore())
        try await TestBroker.run(loops: 3, store: store) { test in
            // The broker does not stop before all is written.
            defer { store.letGo() }
            let receiver = try await test.connect("receiver", isClean: true, expiry: 600, loop: 1)
            try await receiver.subscribe("t", qos: 2)
            try await receiver.disconnect()
            try await test.until { try await test.onLoop(1) { $0.sessions[ExactText("receiver")]?.connection == nil && $0.journal.isIdle } }
            let sender = try await test.connect("sender", isClean: true, expiry: 600, loop: 0)
            store.hold(test.broker.shards[1].eventLoop)
            try await sender.publish("t", "once", qos: 2)
            try await test.until { store.heldCount > 0 }
            try await sender.disconnect()
            try await test.until { try await test.onLoop(0) { $0.sessions[ExactText("sender")]?.connection == nil } }
            try await body(test, store)
        }
    }

    /// The publisher comes back on this very loop: on loop 1 it would wait for the disk.
    private func comeBack(_ test: TestBroker, loop: Int) async throws -> TestClient {
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for index in 0..<3 { counts.append(try await test.onLoop(index) { $0.connections.count }) }
            return counts
        }
        while true {
            let before = try await counts()
            let client = try await test.open()
            try await test.until { try await counts().reduce(0, +) > before.reduce(0, +) }
            if try await counts()[loop] > before[loop] {
                try await client.connect("sender", isClean: false, expiry: 600)
                return client
            }
            try await client.finish()
            try await test.until { try await counts() == before }
        }
    }

    /// What waits for the receiver, which is so many messages and no more.
    private func messages(_ test: TestBroker, count: Int) async throws -> [String] {
        let receiver = try await test.connect("receiver", isClean: false, expiry: 600, loop: 1)
        var payloads: [String] = []
        while payloads.count < count { payloads.append(try await receiver.nextMessage().payload) }
        try await receiver.ping()
        return payloads
    }

    @Test("PUBREC waits for the disk, on the same loop and on another", arguments: [0, 2])
    func waits(loop: Int) async throws {
        try await self.run { test, store in
            let again = try await self.comeBack(test, loop: loop)
            try await again.publish("t", "once", qos: 2)
            try await again.ping()
            store.letGo()
            _ = try await again.expect(Self.pubrec)
            #expect(try await test.onLoop(loop) { $0.sessions[ExactText("sender")]?.unsettled.isEmpty } == true)
            #expect(try await self.messages(test, count: 1) == ["once"])
        }
    }

    @Test("what the disk refused is a new message when it is sent again", arguments: [0, 2])
    func refused(loop: Int) async throws {
        try await self.run { test, store in
            if loop == 0 {
                store.letGo(refusing: true)
                try await test.until { try await test.onLoop(0) { $0.sessions[ExactText("sender")]?.received.isEmpty == true } }
            }
            let again = try await self.comeBack(test, loop: loop)
            if loop != 0 { store.letGo(refusing: true) }
            try await test.until { try await test.onLoop(loop) { $0.sessions[ExactText("sender")]?.received.isEmpty == true } }
            try await again.publish("t", "more", qos: 2)
            _ = try await again.expect(Self.pubrec)
            // The first one was not forgotten either: its publisher was not told, and the disk takes it by now.
            #expect(try await self.messages(test, count: 2) == ["once", "more"])
        }
    }

    /// The disk refuses what says that a QoS 2 message is released, on either side; the flow goes on when it takes it.
    @Test func releasesAreTriedAgain() async throws {
        let store = HeldStore(try TestBroker.makeStore())
        try await TestBroker.run(store: store) { test in
            defer { store.letGo() }
            let loop = test.broker.shards[0].eventLoop
            func refuseOnce() async throws {
                try await test.until { store.heldCount > 0 }
                store.letGo(refusing: true)
            }
            let receiver = try await test.connect("receiver", expiry: 600)
            try await receiver.subscribe("t", qos: 2)
            let sender = try await test.connect("sender", expiry: 600)
            try await sender.publish("t", "once", qos: 2)
            _ = try await sender.expect(Self.pubrec)
            let message = try await receiver.nextMessage()
            let id = [UInt8(message.packetID >> 8), UInt8(message.packetID & 0xFF)]

            store.hold(loop)
            try await receiver.send(TestClient.packet(Self.pubrec << 4, id))
            try await refuseOnce()
            #expect(try await receiver.expect(Self.pubrel).body.starts(with: id))
            try await receiver.send(TestClient.packet(Self.pubcomp << 4, id))

            store.hold(loop)
            try await sender.send(TestClient.packet(Self.pubrel << 4 | 2, [0, 1]))
            try await refuseOnce()
            #expect(try await sender.expect(Self.pubcomp).body.starts(with: [0, 1]))
        }
    }
}
