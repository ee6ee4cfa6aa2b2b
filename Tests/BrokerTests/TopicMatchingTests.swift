import Testing

@testable import Broker

@Suite struct TopicMatchingTests {
    private func matches(_ filter: String, _ topic: String, parent: Bool = true) -> Bool {
        var filter = filter
        var topic = topic
        return filter.withUTF8 { f in
            topic.withUTF8 { TopicFilter(UnsafeRawBufferPointer(f), multiLevelMatchesParent: parent).matches(UnsafeRawBufferPointer($0)) }
        }
    }

    /// MQTT 5.0 §4.7.1 and §4.7.2, its own examples among them.
    @Test(arguments: [
        ("sport/tennis/player1/#", "sport/tennis/player1", true), ("sport/tennis/player1/#", "sport/tennis/player1/ranking", true),
        ("sport/#", "sport", true), ("#", "a/b/c", true), ("sport/tennis/+", "sport/tennis/player1", true),
        ("sport/tennis/+", "sport/tennis/player1/ranking", false), ("sport/+", "sport", false), ("sport/+", "sport/", true),
        ("+/+", "/finance", true), ("/+", "/finance", true), ("+", "/finance", false), ("#", "$SYS/x", false),
        ("+/monitor/Clients", "$SYS/monitor/Clients", false), ("$SYS/#", "$SYS/x", true), ("a//b", "a//b", true), ("a/+/b", "a//b", true),
        ("A", "a", false), ("é", "e\u{301}", false),
    ])
    func filters(_ filter: String, _ topic: String, _ expected: Bool) {
        #expect(self.matches(filter, topic) == expected)
        #expect(self.trieMatches([filter], topic).contains(filter) == expected)
    }

    /// AWS IoT: `sport/#` does not match its parent.
    @Test func parentsInTheAWSProfile() {
        #expect(!self.matches("sport/#", "sport", parent: false))
        #expect(self.matches("sport/#", "sport/", parent: false))
        #expect(self.trieMatches(["sport/#"], "sport", parent: false).isEmpty)
    }

    @Test(arguments: [
        ("a/b", true), ("#", true), ("+", true), ("a/#", true), ("a/+/b", true), ("", false), ("a#", false), ("a/#/b", false),
        ("a+", false),
        ("+a/b", false), ("##", false), ("a/b+/c", false), ("/", true),
    ])
    func filterSyntax(_ filter: String, _ isValid: Bool) {
        var filter = filter
        let result = filter.withUTF8 { MQTTText.isValidFilter(UnsafeRawBufferPointer($0)) }
        #expect(result == isValid)
    }

    /// The trie finds what comparing each filter finds.
    @Test func trieAgreesWithOneByOne() {
        var generator = SplitMix(seed: 3)
        let levels = ["a", "b", "c", "", "+", "$x"]
        func random(_ choices: [String]) -> String {
            (0..<Int.random(in: 1...4, using: &generator)).map { _ in choices[Int.random(in: 0..<choices.count, using: &generator)] }
                .joined(separator: "/")
        }
        let filters = Set((0..<300).map { _ in random(levels) + (Bool.random(using: &generator) ? "/#" : "") } + ["#"]).filter {
            !$0.isEmpty
        }
        for parent in [true, false] {
            for _ in 0..<300 {
                let topic = random(["a", "b", "c", "", "$x"])
                let expected = filters.filter { self.matches($0, topic, parent: parent) }
                #expect(self.trieMatches(Array(filters), topic, parent: parent) == Set(expected), "\(topic)")
            }
        }
    }

    /// Services stand for filters here: they need no connection.
    private final class Named: ImmediateSubscriber {
        let filter: String
        init(_ filter: String) { self.filter = filter }
        func receive(_ delivery: ServiceDelivery) {}
    }

    private func trieMatches(_ filters: [String], _ topic: String, parent: Bool = true) -> Set<String> {
        let trie = SubscriptionTrie(multiLevelMatchesParent: parent)
        for filter in filters {
            var text = filter
            text.withUTF8 { trie.node(for: UnsafeRawBufferPointer($0)).services.append(Named(filter)) }
        }
        var found: Set<String> = []
        var topic = topic
        topic.withUTF8 { bytes in
            trie.match(UnsafeRawBufferPointer(bytes)) { node in
                for service in node.services { if let named = service as? Named { found.insert(named.filter) } }
            }
        }
        return found
    }

    @Test func pruningLeavesNothingBehind() {
        let trie = SubscriptionTrie(multiLevelMatchesParent: true)
        let service = Named("x")
        for filter in ["a/b/c", "a/+/c", "a/#", "a"] {
            var text = filter
            text.withUTF8 { trie.node(for: UnsafeRawBufferPointer($0)).services.append(service) }
        }
        for filter in ["a/b/c", "a/+/c", "a/#", "a"] {
            var text = filter
            let node = text.withUTF8 { trie.existingNode(for: UnsafeRawBufferPointer($0)) }
            guard let node else {
                Issue.record("\(filter) is gone")
                continue
            }
            node.services.removeAll()
            trie.prune(node)
        }
        var topic = "a/b/c"
        topic.withUTF8 { trie.match(UnsafeRawBufferPointer($0)) { _ in Issue.record("something is left") } }
    }

    @Test(arguments: [
        ("$share/g/a/#", 9), ("$share/g//", 9),
    ])
    func shareNames(_ filter: String, _ start: Int) throws {
        var filter = filter
        let parsed = try filter.withUTF8 { try ShareName.parse(UnsafeRawBufferPointer($0))?.filterStart }
        #expect(parsed == start)
    }

    @Test(arguments: ["$share", "$share/", "$share/g", "$share/g/", "$share//a", "$share/g+/a", "$share/#/a"])
    func badShareNames(_ filter: String) {
        var filter = filter
        _ = filter.withUTF8 { bytes in
            #expect(throws: WireError.self) { _ = try ShareName.parse(UnsafeRawBufferPointer(bytes)) }
        }
    }

    /// AWS IoT, reserved topics: the right to publish.
    @Test(arguments: [
        ("a/b", true), ("$aws/things/T/shadow/update", true), ("$aws/things/T/shadow/name/S/get", true),
        ("$aws/things/T/shadow/update/accepted", false), ("$aws/things/T/shadow/update/delta", false),
        ("$aws/things/T/jobs/J/update", true), ("$aws/things/T/jobs/notify", false), ("$aws/rules/R/x", true),
        ("$aws/events/presence/connected/c", false), ("$aws/certificates/create/json", true),
        ("$aws/certificates/create/json/accepted", false), ("$SYS/x", false), ("$other", false),
    ])
    func reservedTopics(_ topic: String, _ mayPublish: Bool) {
        var topic = topic
        let result = topic.withUTF8 { ReservedTopics.mayPublish(UnsafeRawBufferPointer($0), profile: .aws) }
        #expect(result == mayPublish)
    }
}
