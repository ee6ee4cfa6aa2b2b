import Broker
import NIOCore
import Testing

@testable import roost

@Suite("The MQTT client's machine")
struct MQTTClientMachineTests {
    typealias Machine = MQTTClientMachine<String>

    static let connack = ServerPacket.connack(.success, reason: nil, keepAliveSeconds: nil)
    static let publish = ServerPacket.publish(MQTTMessage(topic: "t", payload: ByteBuffer()), packetID: 3)

    static func connected() -> Machine {
        var machine = Machine()
        _ = machine.connect("connect")
        _ = machine.received(Self.connack)
        return machine
    }

    @Test("is connected by a CONNACK, with the server's keep alive")
    func connect() {
        var machine = Machine()
        guard case .send = machine.connect("connect") else { return Self.fail("no CONNECT") }
        guard case .connected("connect", keepAliveSeconds: 30) = machine.received(.connack(.success, reason: nil, keepAliveSeconds: 30))
        else { return Self.fail("not connected") }
    }

    @Test("is ended by a CONNACK that refuses, with the server's reason")
    func refused() {
        var machine = Machine()
        _ = machine.connect("connect")
        let action = machine.received(.connack(.notAuthorized, reason: "no", keepAliveSeconds: nil))
        Self.expectEnd(action, .refused(.notAuthorized, "no"), waiters: ["connect"])
        if machine.end(.closed) != nil { Issue.record("ended twice") }
    }

    @Test(
        "is ended by anything but a CONNACK at first",
        arguments: [publish, .pingresp, .suback(packetID: 1, codes: []), .disconnect(.success, reason: nil)])
    func first(packet: ServerPacket) {
        var machine = Machine()
        _ = machine.connect("connect")
        Self.expectEnd(machine.received(packet), .malformed("another packet before CONNACK"), waiters: ["connect"])
    }

    @Test("connects once")
    func second() {
        var machine = Self.connected()
        guard case .refuse("again", .closed) = machine.connect("again") else { return Self.fail("connected twice") }
        Self.expectEnd(machine.received(Self.connack), .malformed("a second CONNACK"), waiters: [])
    }

    @Test("tells each SUBACK to its SUBSCRIBE")
    func subscribe() {
        var machine = Self.connected()
        guard case .send(packetID: 1) = machine.subscribe(["a", "b"], "first"), case .send(packetID: 2) = machine.subscribe(["c"], "second")
        else { return Self.fail("not sent") }
        let refusal = machine.received(.suback(packetID: 2, codes: [.notAuthorized]))
        guard case .refuse("second", .subscriptionRefused(filter: "c", .notAuthorized)) = refusal else { return Self.fail("not refused") }
        guard case .subscribed("first") = machine.received(.suback(packetID: 1, codes: [.grantedQoS1, .success])) else {
            return Self.fail("not subscribed")
        }
    }

    @Test(
        "is ended by a SUBACK that fits no SUBSCRIBE, and who waits hears of it",
        arguments: [
            ServerPacket.suback(packetID: 2, codes: [.grantedQoS1]), .suback(packetID: 1, codes: []),
            .suback(packetID: 1, codes: [.success, .success]),
        ])
    func foreignSuback(packet: ServerPacket) {
        var machine = Self.connected()
        _ = machine.subscribe(["a"], "waiter")
        Self.expectEnd(machine.received(packet), .malformed("a SUBACK that belongs to no SUBSCRIBE"), waiters: ["waiter"])
    }

    @Test("delivers messages until the server says DISCONNECT")
    func messages() {
        var machine = Self.connected()
        guard case .deliver(let message, packetID: 3) = machine.received(Self.publish) else { return Self.fail("not delivered") }
        #expect(message.topic == "t")
        Self.expectEnd(
            machine.received(.disconnect(.serverShuttingDown, reason: nil)), .disconnected(.serverShuttingDown, nil), waiters: [])
        guard case .none = machine.received(Self.publish) else { return Self.fail("delivered after the end") }
        guard case .refuse("late", .closed) = machine.subscribe(["a"], "late") else { return Self.fail("subscribed after the end") }
    }

    @Test("is ended by a ping without an answer")
    func pings() {
        var machine = Self.connected()
        for _ in 0..<3 {
            guard case .send = machine.hitPingTime() else { return Self.fail("no ping") }
            _ = machine.received(.pingresp)
        }
        guard case .send = machine.hitPingTime() else { return Self.fail("no ping") }
        guard case .end(let ending) = machine.hitPingTime() else { return Self.fail("not ended") }
        #expect(ending.error == .silent)
        guard case .none = machine.hitPingTime() else { return Self.fail("a ping after the end") }
    }

    private static func fail(_ what: Comment) { Issue.record(what) }

    private static func expectEnd(_ action: Machine.Action, _ error: MQTTClientError, waiters: [String]) {
        guard case .end(let ending) = action else { return Self.fail("not ended: \(action)") }
        #expect(ending.error == error)
        #expect(ending.waiters == waiters)
    }
}
