import NIOCore
import Testing

@testable import Broker

/// AWS IoT sends a 3.1.1 client again, on the same connection, what it leaves unacknowledged.
@Suite struct ResendTests {
    private let start = NIODeadline.now()

    @Test func dueAfterAnInterval() {
        var schedule = ResendSchedule(interval: .seconds(30), limit: .seconds(100))
        #expect(schedule.due(sent: 5..<8, now: self.start) == nil)
        #expect(schedule.due(sent: 5..<20, now: self.start + .seconds(29)) == nil)
        // What was sent after the mark waits for the next one.
        #expect(schedule.due(sent: 6..<20, now: self.start + .seconds(30)) == 6..<8)
        #expect(schedule.due(sent: 6..<20, now: self.start + .seconds(31)) == nil)
        #expect(schedule.due(sent: 7..<25, now: self.start + .seconds(60)) == 7..<20)
        // The first three were tried for long enough, later the others too.
        #expect(schedule.due(sent: 7..<25, now: self.start + .seconds(101)) == 8..<25)
        #expect(schedule.due(sent: 7..<25, now: self.start + .seconds(131)) == 20..<25)
        #expect(schedule.due(sent: 7..<25, now: self.start + .seconds(300)) == nil)
    }

    @Test func nothingWithoutMessages() {
        var schedule = ResendSchedule(interval: .seconds(30), limit: .seconds(100))
        #expect(schedule.due(sent: 5..<8, now: self.start) == nil)
        #expect(schedule.due(sent: 8..<8, now: self.start + .seconds(30)) == nil)
        #expect(schedule.due(sent: 8..<9, now: self.start + .seconds(60)) == nil)
        #expect(schedule.due(sent: 8..<9, now: self.start + .seconds(90)) == 8..<9)
    }

    private func sweep(_ test: TestBroker, after seconds: Int64) async throws {
        try await test.onLoop(0) { shard in for each in shard.connections { each.sweep(now: .now() + .seconds(seconds)) } }
    }

    @Test func sentAgainUntilAcknowledged() async throws {
        try await TestBroker.run(profile: .aws) { test in
            // The test sweeps by its own clock.
            try await test.onLoop(0) { $0.stopSweep() }
            let client = try await test.connect("device", version: 4, isClean: false)
            try await client.subscribe("t", qos: 1)
            let publisher = try await test.connect("publisher")
            try await publisher.publish("t", "a")
            try await publisher.publish("t", "b")
            let (a, b) = (try await client.nextMessage(), try await client.nextMessage())
            try await client.acknowledge(a)
            try await client.ping()
            try await self.sweep(test, after: 0)
            try await self.sweep(test, after: 31)
            let again = try await client.nextMessage()
            #expect(again.isDuplicate && again.packetID == b.packetID && again.payload == "b")
            try await client.acknowledge(again)
            try await client.ping()
            try await self.sweep(test, after: 40)
            // A PINGRESP is the next packet: nothing was sent.
            try await client.ping()
        }
    }

    /// [MQTT-3.1.2-24], [MQTT-3.1.2-25]: what the new connection does not take is finished; what comes after it is sent.
    @Test func notToAConnectionThatTakesLess() async throws {
        try await TestBroker.run { test in
            let client = try await test.connect("device", isClean: false, expiry: 100)
            try await client.subscribe("t", qos: 1)
            let publisher = try await test.connect("publisher")
            try await publisher.publish("t", String(repeating: "x", count: 500))
            try await publisher.publish("t", "small")
            #expect(try await client.nextMessage().payload.count == 500)
            #expect(try await client.nextMessage().payload == "small")
            try await client.disconnect()
            let again = try await test.open()
            try await again.connect("device", isClean: false, expiry: 100, maximumPacketSize: 100)
            let message = try await again.nextMessage()
            #expect(message.payload == "small" && message.isDuplicate)
            try await again.acknowledge(message)
            try await again.ping()
            try await again.disconnect()
            // Nor ever after.
            let last = try await test.open()
            try await last.connect("device", isClean: false, expiry: 100)
            try await last.ping()
        }
    }

    @Test func theServersOwnPauseIsNotHeldAgainstTheClient() async throws {
        try await TestBroker.run { test in
            for shard in test.broker.shards { try await shard.eventLoop.submit { shard.stopSweep() }.get() }
            let client = try await test.open()
            try await client.connect("device", keepAlive: 10)
            let sweep = { @Sendable (seconds: Int64, isHeld: Bool) in
                for shard in test.broker.shards {
                    try await shard.eventLoop.submit {
                        for connection in shard.connections {
                            connection.isReadHeld = isHeld
                            connection.sweep(now: .now() + .seconds(seconds))
                        }
                    }.get()
                }
            }
            try await sweep(100, true)
            try await client.ping()
            try await sweep(16, false)
            #expect(try await client.next()?.type == 14)
        }
    }

    @Test func aClientThatDoesNotReadIsEndedForItsSilence() async throws {
        try await TestBroker.run { test in
            try await test.onLoop(0) { $0.stopSweep() }
            let client = try await test.open()
            try await client.connect("device", keepAlive: 10)
            let isEnded = try await test.onLoop(0) { shard in
                guard let connection = shard.connections.first else { return false }
                connection.isReadHeld = true
                connection.output.writeRepeatingByte(0, count: shard.profile.maxOutputBytes + 1)
                connection.sweep(now: .now() + .seconds(16))
                return !connection.isOpen
            }
            #expect(isEnded)
        }
    }

    /// MQTT 5.0 §4.4: never on the same connection. Nor in the other profile.
    @Test(arguments: [(Profile.aws, UInt8(5)), (Profile.open, UInt8(4))])
    func notForOthers(_ profile: Profile, _ version: UInt8) async throws {
        try await TestBroker.run(profile: profile) { test in
            try await test.onLoop(0) { $0.stopSweep() }
            let client = try await test.connect("device", version: version, isClean: false, expiry: 60)
            try await client.subscribe("t", qos: 1)
            let publisher = try await test.connect("publisher")
            try await publisher.publish("t", "a")
            _ = try await client.nextMessage()
            try await self.sweep(test, after: 0)
            try await self.sweep(test, after: 31)
            try await client.ping()
        }
    }
}
