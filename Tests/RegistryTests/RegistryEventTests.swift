import JSON
import OperationTesting
import Synchronization
import Testing

@testable import Registry

@Suite("Registry events (AWS IoT Developer Guide, registry events)")
struct RegistryEventTests {
    @Test("nothing is announced before it is asked for, and afterwards each change in its order")
    func things() async throws {
        let heard = Mutex<[(String, JSONObject)]>([])
        let fixture = try RegistryFixture(publish: { topic, message in heard.withLock { $0.append((topic, message)) } })
        try await fixture.createThing("quiet")
        try await fixture.call("UpdateEventConfigurations", body: ["eventConfigurations": ["THING": ["Enabled": true]]])
        let id = try await fixture.createThing("lamp", ["room": "hall"])["thingId"]
        try await fixture.createThing("lamp", ["room": "hall"])
        try await fixture.call("UpdateThing", ["thingName": "lamp"], body: ["attributePayload": ["attributes": ["room": "attic"]]])
        await expectError("VersionConflictException") {
            try await fixture.call("DeleteThing", ["thingName": "lamp"], query: ["expectedVersion": "9"])
        }
        try await fixture.call("DeleteThing", ["thingName": "lamp"])
        try await fixture.call("DeleteThing", ["thingName": "lamp"])
        let events = heard.withLock { $0 }
        #expect(events.map(\.0) == ["created", "updated", "deleted"].map { "$aws/events/thing/lamp/\($0)" })
        #expect(events.map { $0.1["operation"] } == ["CREATED", "UPDATED", "DELETED"])
        #expect(events.map { $0.1["versionNumber"] } == [1, 2, 2])
        #expect(events.allSatisfy { $0.1["eventType"] == "THING_EVENT" && $0.1["thingId"] == id && $0.1["thingTypeName"] == .null })
        #expect(events[1].1["attributes"] == ["room": "attic"])
        #expect(Set(events.compactMap { $0.1["eventId"]?.stringValue }).count == 3)
    }

    @Test("events of writes at the same time go out in the order of the versions")
    func order() async throws {
        let versions = Mutex<[Int64]>([])
        let fixture = try RegistryFixture(publish: { _, message in
            if let version = message["versionNumber"]?.intValue { versions.withLock { $0.append(version) } }
        })
        try await fixture.call("UpdateEventConfigurations", body: ["eventConfigurations": ["THING": ["Enabled": true]]])
        try await fixture.createThing("lamp")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { try await fixture.call("UpdateThing", ["thingName": "lamp"]) } }
            try await group.waitForAll()
        }
        #expect(versions.withLock { $0 } == Array(1...51))
    }

    @Test("a ticket that failed holds up nobody")
    func failedTicket() {
        let sequence = EventSequence()
        let (first, second) = (sequence.take(), sequence.take())
        var told: [String] = []
        sequence.settle(second, [RegistryEvent(.created, topic: "x", type: "X", [:])]) { told.append($0.topic) }
        #expect(told.isEmpty)
        sequence.settle(first, []) { told.append($0.topic) }
        #expect(told == ["$aws/events/x/created"])
    }

    @Test("all kinds are shown, what is not named stays, unknown kinds are refused")
    func configurations() async throws {
        let fixture = try RegistryFixture()
        func enabled() async throws -> Set<String> {
            let answer = try await fixture.call("DescribeEventConfigurations")
            let kinds = try #require(answer["eventConfigurations"]?.objectValue)
            #expect(kinds.count == 11)
            return Set(kinds.filter { $0.value["Enabled"] == true }.map(\.key))
        }
        #expect(try await enabled().isEmpty)
        #expect(try await fixture.call("DescribeEventConfigurations")["creationDate"] == nil)
        try await fixture.call(
            "UpdateEventConfigurations", body: ["eventConfigurations": ["THING": ["Enabled": true], "JOB": ["Enabled": true]]])
        try await fixture.call("UpdateEventConfigurations", body: ["eventConfigurations": ["JOB": ["Enabled": false], "POLICY": [:]]])
        #expect(try await enabled() == ["THING"])
        #expect(try await fixture.call("DescribeEventConfigurations")["lastModifiedDate"] != nil)
        for wrong: JSONValue in [["THINGS": ["Enabled": true]], ["THING": true], ["THING": ["Enabled": "yes"]], []] {
            await expectError("InvalidRequestException") {
                try await fixture.call("UpdateEventConfigurations", body: ["eventConfigurations": wrong])
            }
        }
        #expect(try await enabled() == ["THING"])
    }
}
