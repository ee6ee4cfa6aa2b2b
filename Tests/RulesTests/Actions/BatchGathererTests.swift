import Testing

@testable import Rules

@Suite("Results that are gathered")
struct BatchGathererTests {
    private static let start = ContinuousClock.now

    private static func at(_ milliseconds: Int) -> ContinuousClock.Instant { Self.start + .milliseconds(milliseconds) }

    private static func gatherer() -> BatchGatherer<GatheredText> {
        BatchGatherer(
            BatchLimits(maxItems: 3, maxBytes: 10, maxOpen: .milliseconds(20)), size: { $0.text.utf8.count }, key: { $0.key })
    }

    private struct GatheredText: Sendable, Equatable {
        let key: String
        let text: String

        init(_ key: String, _ text: String) {
            self.key = key
            self.text = text
        }
    }

    @Test("a batch is ready when it has so many")
    func count() {
        var gatherer = Self.gatherer()
        for (i, text) in ["a", "b", "c", "d"].enumerated() {
            #expect(!gatherer.hasReady)
            gatherer.add(GatheredText("k", text), at: Self.at(i))
            if i == 2 { #expect(gatherer.take()?.map(\.text) == ["a", "b", "c"]) }
        }
        #expect(gatherer.count == 1)
        #expect(gatherer.nextDeadline == Self.at(23))
    }

    @Test("what would make it too large opens another, and what is too large alone goes alone")
    func bytes() {
        var gatherer = Self.gatherer()
        gatherer.add(GatheredText("k", "123456"), at: Self.at(0))
        gatherer.add(GatheredText("k", "12345"), at: Self.at(1))
        #expect(gatherer.take()?.map(\.text) == ["123456"])
        gatherer.add(GatheredText("k", "12345678901"), at: Self.at(2))
        #expect(gatherer.take()?.map(\.text) == ["12345"])
        #expect(gatherer.take()?.map(\.text) == ["12345678901"])
        #expect(gatherer.take() == nil)
        #expect((gatherer.count, gatherer.nextDeadline) == (0, nil))
    }

    @Test("different keys are never together")
    func keys() {
        var gatherer = Self.gatherer()
        for (key, text) in [("k", "a"), ("l", "b"), ("k", "c"), ("l", "d"), ("k", "e")] {
            gatherer.add(GatheredText(key, text), at: Self.at(0))
        }
        #expect(gatherer.take()?.map(\.text) == ["a", "c", "e"])
        #expect(gatherer.count == 2)
    }

    @Test("a batch waits so long for more, from its first result on")
    func time() {
        var gatherer = Self.gatherer()
        gatherer.add(GatheredText("k", "a"), at: Self.at(0))
        gatherer.add(GatheredText("l", "b"), at: Self.at(5))
        gatherer.add(GatheredText("k", "c"), at: Self.at(19))
        gatherer.closeDue(at: Self.at(19))
        #expect(!gatherer.hasReady)
        gatherer.closeDue(at: Self.at(20))
        #expect(gatherer.take()?.map(\.text) == ["a", "c"])
        #expect(gatherer.nextDeadline == Self.at(25))
        gatherer.closeDue(at: Self.at(90))
        #expect(gatherer.take()?.map(\.text) == ["b"])
    }
}
