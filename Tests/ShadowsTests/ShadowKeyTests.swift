import Testing

@testable import Shadows

@Suite("Shadow names and topics")
struct ShadowKeyTests {
    @Test(
        "A request's topic names its shadow",
        arguments: [
            ("$aws/things/t/shadow/get", ShadowKey(thing: "t"), "get"),
            ("$aws/things/t/shadow/name/n/update", ShadowKey(thing: "t", name: "n"), "update"),
            ("$aws/things/name/shadow/delete", ShadowKey(thing: "name"), "delete"),
        ])
    func parsesRequests(topic: String, key: ShadowKey, operation: String) throws {
        let parsed = try #require(ShadowTopics.parse(topic))
        #expect(parsed.key == key)
        #expect(parsed.operation.rawValue == operation)
        #expect(ShadowTopics.prefix(key) + "/" + operation == topic)
    }

    @Test(
        "Answers are no requests", arguments: ["$aws/things/t/shadow/get/accepted", "$aws/things/t/shadow/name/n/update/delta", "", "a/b"])
    func ignoresOthers(topic: String) {
        #expect(ShadowTopics.parse(topic) == nil)
    }

    @Test("Names are checked")
    func checksNames() {
        #expect(ShadowKey.isThingName("a:b_c-1"))
        #expect(ShadowKey.isThingName(String(repeating: "a", count: 128)))
        #expect(!ShadowKey.isThingName(String(repeating: "a", count: 129)))
        #expect(!ShadowKey.isThingName(""))
        #expect(!ShadowKey.isThingName("a b"))
        #expect(ShadowKey.isShadowName("$a"))
        #expect(!ShadowKey.isShadowName("a/b"))
        #expect(!ShadowKey.isShadowName(String(repeating: "a", count: 65)))
    }
}
