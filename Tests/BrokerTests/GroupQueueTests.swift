import Storage
import Testing

@testable import Broker

/// Messages of a share group wait for the group when no member is online (AWS IoT, shared subscriptions).
@Suite struct GroupQueueTests {
    private static let filter = "$share/group/t/+"

    /// Members that subscribe and go away.
    private func leaveMembers(_ test: TestBroker, _ names: [String], version: UInt8 = 5) async throws {
        for (i, name) in names.enumerated() {
            let loop = i % test.broker.shards.count
            let member = try await test.connect(name, version: version, isClean: false, expiry: 600, loop: loop)
            try await member.subscribe(Self.filter, qos: 1)
            try await member.disconnect()
        }
        for loop in test.broker.shards.indices {
            try await test.until { try await test.onLoop(loop) { $0.groups[ExactText(Self.filter)]?.pickOnline() == nil } }
        }
    }

    private func come(_ test: TestBroker, _ name: String, version: UInt8 = 5, loop: Int = 0) async throws -> TestClient {
        try await test.connect(name, version: version, isClean: false, expiry: 600, loop: loop)
    }

    private func take(_ count: Int, _ client: TestClient) async throws -> [String] {
        var found: [String] = []
        for _ in 0..<count {
            let message = try await client.nextMessage()
            found.append(message.payload)
            try await client.acknowledge(message)
        }
        return found
    }

    private func waiting(_ test: TestBroker) async throws -> Int {
        var sum = 0
        for loop in test.broker.shards.indices {
            sum += try await test.onLoop(loop) { $0.groupQueues.values.reduce(0) { $0 + $1.session.backlog.count } }
        }
        return sum
    }

    @Test(arguments: [1, 3], [UInt8(4), 5]) func whoComesFirstGetsThem(_ loops: Int, _ version: UInt8) async throws {
        try await TestBroker.run(profile: .aws, loops: loops) { test in
            try await self.leaveMembers(test, ["a", "b"], version: version)
            let expected = (0..<20).map { "\($0)" }
            let publisher = try await test.connect("publisher", loop: loops - 1)
            for payload in expected { try await publisher.publish("t/x", payload) }
            // Acknowledged, so on disk, and the group's: no member has them.
            #expect(try await self.waiting(test) == 20)
            let rows = try await test.store.read { try $0.query("SELECT filter FROM broker_group", []) }
            #expect(try rows.map { try $0.text(0) } == [Self.filter])
            let second = try await self.come(test, "b", version: version, loop: loops - 1)
            #expect(try await self.take(20, second) == expected)
            // Nothing is left for the other one, and the next message is sent at once.
            try await test.until { try await self.waiting(test) == 0 }
            try await publisher.publish("t/x", "live")
            #expect(try await self.take(1, second) == ["live"])
            try await second.disconnect()
            let first = try await self.come(test, "a", version: version)
            try await first.ping()
        }
    }

    @Test func outlivesTheProgram() async throws {
        let store = try TestBroker.makeStore()
        try await TestBroker.run(store: store) { test in
            try await self.leaveMembers(test, ["a", "b"])
            let publisher = try await test.connect("publisher")
            for i in 0..<5 { try await publisher.publish("t/x", "\(i)") }
        }
        try await TestBroker.run(loops: 2, store: store) { test in
            let publisher = try await test.connect("publisher")
            try await publisher.publish("t/x", "5")
            let member = try await self.come(test, "b")
            #expect(try await self.take(6, member) == ["0", "1", "2", "3", "4", "5"])
            try await test.until { try await self.waiting(test) == 0 }
        }
        // What was taken is not sent again.
        try await TestBroker.run(store: store) { test in
            let member = try await self.come(test, "a")
            try await member.ping()
            #expect(test.broker.shared.totals.bytes == 0)
        }
    }

    /// A member that does not acknowledge takes no more than its share.
    @Test func aSlowMemberLeavesTheRest() async throws {
        try await TestBroker.run(profile: .aws) { test in
            try await self.leaveMembers(test, ["slow", "b"])
            let publisher = try await test.connect("publisher")
            let count = 4000
            for i in 0..<count { try await publisher.publish("t/x", "\(i)") }
            let slow = try await self.come(test, "slow")
            _ = try await slow.nextMessage()
            try await test.until {
                try await test.onLoop(0) { $0.sessions[ExactText("slow")]?.queuedMessages ?? 0 >= GroupQueue.maxMemberQueue }
            }
            let fast = try await self.come(test, "b")
            #expect(try await self.take(1, fast).count == 1)
            let kept = try await test.onLoop(0) { shard in
                shard.sessions[ExactText("slow")].map { $0.queuedMessages + $0.window.inFlight } ?? 0
            }
            #expect(kept < count / 2 + 200)
        }
    }

    /// The queue ends with the group.
    @Test func endsWithItsMembers() async throws {
        try await TestBroker.run(profile: .aws, loops: 2) { test in
            try await self.leaveMembers(test, ["a", "b"])
            let publisher = try await test.connect("publisher")
            for i in 0..<5 { try await publisher.publish("t/x", "\(i)") }
            for name in ["a", "b"] {
                let ended = try await test.open()
                try await ended.connect(name)
            }
            try await test.until { try await self.waiting(test) == 0 }
            try await test.until {
                try await test.store.read {
                    try $0.query("SELECT session FROM broker_queue UNION SELECT session FROM broker_group", []).isEmpty
                }
            }
            #expect(test.broker.shared.totals.bytes == 0)
            // Nobody is a member: nothing waits any more.
            try await publisher.publish("t/x", "late")
            #expect(try await self.waiting(test) == 0)
        }
    }

    /// MQTT 5.0 §4.8.2: a member that does not outlive its connection gets what waits, and nothing waits for it.
    @Test func passingMembersTakeButDoNotWait() async throws {
        try await TestBroker.run { test in
            try await self.leaveMembers(test, ["a"])
            let publisher = try await test.connect("publisher")
            for i in 0..<5 { try await publisher.publish("t/x", "\(i)") }
            let passing = try await test.connect("passing")
            try await passing.subscribe(Self.filter, qos: 1)
            #expect(try await self.take(5, passing) == ["0", "1", "2", "3", "4"])
        }
    }
}
