import Testing

@testable import Broker

@Suite struct OutboundWindowTests {
    private func settled(_ result: OutboundWindow<String>.Acknowledgement) -> String?? {
        if case .settled(let payload) = result { return .some(payload) }
        return nil
    }

    @Test func acknowledgementsInOrder() {
        var window = OutboundWindow<String>()
        var finished: [String] = []
        let ids = (1...3).map { window.append(UInt64($0), qos: 1, payload: "m\($0)") }
        #expect(ids == [2, 3, 4])
        for id in ids { #expect(self.settled(window.acknowledged(id, qos: 1) { finished.append($0) }) != nil) }
        #expect(finished == ["m1", "m2", "m3"])
        #expect(window.isEmpty && window.inFlight == 0)
    }

    /// A message is only finished, and may go from the disk, when all before it are.
    @Test func acknowledgementsOutOfOrder() {
        var window = OutboundWindow<String>()
        var finished: [String] = []
        let ids = (1...3).map { window.append(UInt64($0), qos: 1, payload: "m\($0)") }
        _ = window.acknowledged(ids[2], qos: 1) { finished.append($0) }
        _ = window.acknowledged(ids[1], qos: 1) { finished.append($0) }
        #expect(finished.isEmpty && window.inFlight == 1 && window.base == 1)
        _ = window.acknowledged(ids[0], qos: 1) { finished.append($0) }
        #expect(finished == ["m1", "m2", "m3"] && window.isEmpty)
    }

    @Test(arguments: [0, 1, 99, 65_535] as [UInt16])
    func unknownIdentifiers(_ id: UInt16) {
        var window = OutboundWindow<String>()
        _ = window.append(10, qos: 1, payload: "x")
        if case .unknown = window.acknowledged(id, qos: 1, finished: { _ in }) {} else { Issue.record("\(id) is not known") }
        #expect(window.inFlight == 1)
    }

    /// MQTT 5.0 §4.3.3: PUBREC, PUBREL, PUBCOMP; a repeated PUBREC is answered again, a PUBACK is no answer to QoS 2.
    @Test func exactlyOnce() {
        var window = OutboundWindow<String>()
        let id = window.append(1, qos: 2, payload: "x")
        if case .unknown = window.acknowledged(id, qos: 1, finished: { _ in }) {} else { Issue.record("PUBACK to QoS 2") }
        if case .unknown = window.completed(id, finished: { _ in }) {} else { Issue.record("PUBCOMP before PUBREC") }
        if case .release(1, isRepeated: false) = window.received(id) {} else { Issue.record("no release") }
        if case .release(1, isRepeated: true) = window.received(id) {} else { Issue.record("no repeated release") }
        #expect(self.settled(window.completed(id) { _ in }) == "x")
        #expect(window.isEmpty)
    }

    @Test func identifiersWrapAndAreNeverZero() {
        var window = OutboundWindow<String>()
        var seen: Set<UInt16> = []
        for sequence in UInt64(60_000)..<70_000 {
            #expect(window.canSend(sequence, limit: .max))
            let id = window.append(sequence, qos: 1, payload: nil)
            #expect(id != 0 && seen.insert(id).inserted)
        }
    }

    /// One message that is never acknowledged must not let its identifier be used again.
    @Test func spanIsBounded() {
        var window = OutboundWindow<String>()
        _ = window.append(1, qos: 1, payload: nil)
        for sequence in UInt64(2)...65_535 {
            let id = window.append(sequence, qos: 1, payload: nil)
            _ = window.acknowledged(id, qos: 1) { _ in }
        }
        #expect(!window.canSend(65_536, limit: .max))
    }

    @Test func skippedMessagesKeepTheOrder() {
        var window = OutboundWindow<String>()
        var finished: [String] = []
        window.skip(1, payload: "expired") { finished.append($0) }
        #expect(finished == ["expired"])
        let id = window.append(2, qos: 1, payload: "sent")
        window.skip(3, payload: "expired too") { finished.append($0) }
        let last = window.append(7, qos: 1, payload: "after a gap")
        _ = window.acknowledged(last, qos: 1) { finished.append($0) }
        #expect(finished == ["expired"])
        _ = window.acknowledged(id, qos: 1) { finished.append($0) }
        #expect(finished == ["expired", "sent", "expired too", "after a gap"])
    }

    /// [MQTT-4.4.0-1]: what was published is sent again in order, what was released is not.
    @Test func rewinds() {
        var window = OutboundWindow<String>()
        _ = window.append(1, qos: 1, payload: "a")
        let released = window.append(2, qos: 2, payload: "b")
        _ = window.append(3, qos: 2, payload: "c")
        _ = window.received(released)
        window.rewind()
        #expect(window.inFlight == 1 && window.unsent == 2)
        #expect(!window.canSend(4, limit: .max))
        #expect(window.takeUnsent()?.payload == "a")
        #expect(window.takeUnsent()?.sequence == 3)
        #expect(window.takeUnsent() == nil)
        #expect(window.inFlight == 3 && window.canSend(4, limit: .max))
    }

    /// Any order of acknowledgements finishes every message once, in order, and leaves nothing.
    @Test func randomOrders() {
        var generator = SplitMix(seed: 11)
        for _ in 0..<200 {
            var window = OutboundWindow<Int>()
            var finished: [Int] = []
            var waiting: [UInt16] = []
            for i in 0..<100 {
                waiting.append(window.append(UInt64(i + 65_500), qos: 1, payload: i))
                if Bool.random(using: &generator), let k = waiting.indices.randomElement(using: &generator) {
                    _ = window.acknowledged(waiting.remove(at: k), qos: 1) { finished.append($0) }
                }
            }
            for id in waiting.shuffled(using: &generator) { _ = window.acknowledged(id, qos: 1) { finished.append($0) } }
            #expect(finished == Array(0..<100))
            #expect(window.isEmpty && window.inFlight == 0)
        }
    }
}
