import Logging
import Storage
import Testing

@testable import Broker

@Suite struct RetainedMessagesTests {
    private func body(_ topic: String, _ id: Int64 = 1, payload: String = "x", expiresAt: Int64 = 0) -> MessageBody {
        Array(topic.utf8).withUnsafeBytes { topic in
            Array(payload.utf8).withUnsafeBytes { payload in
                MessageBody(
                    id: id, topic: topic, properties: ForwardedProperties(), payload: payload, qos: 0, isRetained: true,
                    expiresAt: expiresAt,
                    publishedAt: 0, publisher: "")
            }
        }
    }

    private func filter(_ text: String, parent: Bool = true) -> TopicFilter {
        Array(text.utf8).withUnsafeBytes { TopicFilter($0, multiLevelMatchesParent: parent) }
    }

    @Test func replacesAndRemoves() {
        let retained = RetainedMessages(profile: .open)
        #expect(retained.set(self.body("a", 1)))
        #expect(retained.set(self.body("a", 2)))
        #expect(retained.count == 1 && retained.get("a")?.id == 2)
        #expect(retained.remove("a") && !retained.remove("a"))
        #expect(retained.count == 0 && retained.matching(self.filter("#")).isEmpty)
    }

    @Test func expiredOnesGoInTheOrderOfTheirTimes() {
        let retained = RetainedMessages(profile: .open)
        for (topic, id, time) in [("a", 1, 30), ("b", 2, 10), ("c", 3, 20), ("d", 4, 0)] as [(String, Int64, Int64)] {
            #expect(retained.set(self.body(topic, id, expiresAt: time)))
        }
        #expect(retained.get("b") == nil && retained.get("d")?.id == 4)
        #expect(retained.removeExpired(at: 9, limit: 9).isEmpty)
        #expect(retained.removeExpired(at: 20, limit: 1) == ["b"])
        #expect(retained.removeExpired(at: 20, limit: 9) == ["c"])
        #expect(retained.count == 2)
        #expect(retained.removeExpired(at: 1000, limit: 9) == ["a"])
        #expect(retained.list(after: nil, limit: 9).map(\.topic) == ["d"])
    }

    @Test func aNewerMessageDoesNotExpireWithTheOlder() {
        let retained = RetainedMessages(profile: .open)
        #expect(retained.set(self.body("a", 1, expiresAt: 10)))
        #expect(retained.set(self.body("a", 2)))
        #expect(retained.set(self.body("b", 3, expiresAt: 10)))
        #expect(retained.remove("b"))
        #expect(retained.removeExpired(at: 1000, limit: 9).isEmpty)
        #expect(retained.get("a")?.id == 2)
    }

    @Test func whatIsLeftBehindIsBounded() {
        var expiry = RetainedExpiry()
        let topic = ExactText("a")
        for id in 1...5000 {
            let body = self.body("a", Int64(id), expiresAt: Int64(10_000 - id))
            expiry.add(body, topic)
            if expiry.isCrowded(live: 1) { expiry.rebuild([topic: body]) }
        }
        var left = 0
        while expiry.popDue(at: .max) != nil { left += 1 }
        #expect(left <= 1027)
    }

    @Test func limitsChangeNothing() {
        var profile = Profile.open
        profile.maxRetainedMessages = 1
        profile.maxRetainedBytes = 10
        let retained = RetainedMessages(profile: profile)
        #expect(retained.set(self.body("a", 1)))
        #expect(!retained.set(self.body("b", 2)))
        #expect(!retained.set(self.body("a", 3, payload: "much too long")))
        #expect(retained.get("a")?.id == 1)
    }

    @Test func listsInByteOrder() {
        let retained = RetainedMessages(profile: .open)
        for topic in ["b", "a/1", "é", "a", "Z"] { _ = retained.set(self.body(topic)) }
        #expect(retained.list(after: nil, limit: 10).map(\.topic) == ["Z", "a", "a/1", "b", "é"])
        #expect(retained.list(after: "a", limit: 2).map(\.topic) == ["a/1", "b"])
        #expect(retained.list(after: "é", limit: 2).isEmpty)
    }

    /// Two loops change one topic at once and commit the other way round: the disk ends with what memory has.
    @Test(arguments: [true, false]) func commitsInAnyOrderEndAlike(_ endsRemoved: Bool) async throws {
        let store = try SQLiteStore.inMemory(migrations: Broker.migrations, logger: Logger(label: "test"))
        let retained = RetainedMessages(profile: .open)
        _ = retained.set(self.body("a", 1))
        let first = JournalOperation.retained(topic: "a", of: retained)
        try await store.write { try first.run($0) }
        if endsRemoved { _ = retained.remove("a") } else { _ = retained.set(self.body("a", 2)) }
        let second = JournalOperation.retained(topic: "a", of: retained)
        try await store.write { connection in for operation in [second, first] { try operation.run(connection) } }
        let rows = try await store.read { try $0.query("SELECT data FROM broker_retained WHERE topic = 'a'", []) }
        #expect(try rows.map { try QueueCodec.decodeBody(try $0.blob(0)).id } == (endsRemoved ? [] : [2]))
    }

    /// The tree finds what comparing each topic finds.
    @Test func treeAgreesWithOneByOne() {
        var generator = SplitMix(seed: 9)
        let levels = ["a", "b", "", "$x", "é"]
        let retained = RetainedMessages(profile: .open)
        var topics: Set<String> = []
        for i in 0..<400 {
            let topic = (0..<Int.random(in: 1...4, using: &generator)).map { _ in levels[Int.random(in: 0..<5, using: &generator)] }
                .joined(separator: "/")
            if topic.isEmpty { continue }
            if Bool.random(using: &generator) || Bool.random(using: &generator) {
                _ = retained.set(self.body(topic, Int64(i)))
                topics.insert(topic)
            } else {
                #expect(retained.remove(topic) == (topics.remove(topic) != nil))
            }
        }
        for text in ["#", "+", "+/+", "a/#", "a/+/#", "$x/#", "+/a/#", "a/b", "/#", "/+", "é/+/a"] {
            for parent in [true, false] {
                let filter = self.filter(text, parent: parent)
                let expected = topics.filter { topic in Array(topic.utf8).withUnsafeBytes { filter.matches($0) } }
                let found = retained.matching(filter).map(\.topic)
                #expect(found.sorted() == expected.sorted(), "\(text)")
            }
        }
    }
}
