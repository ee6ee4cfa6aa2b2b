import JSON
import OperationTesting
import Storage
import Testing

@testable import Registry

@Suite("Static thing groups (AWS IoT Developer Guide)")
struct ThingGroupTests {
    let fixture: RegistryFixture

    init() throws {
        self.fixture = try RegistryFixture()
    }

    private func create(_ name: String, _ parent: String? = nil, _ properties: JSONObject? = nil) async throws -> JSONValue {
        var body: JSONObject = [:]
        body["parentGroupName"] = parent.map(JSONValue.string)
        body["thingGroupProperties"] = properties.map(JSONValue.object)
        return try await self.fixture.call("CreateThingGroup", ["thingGroupName": name], body: body)
    }

    private func describe(_ name: String) async throws -> JSONValue {
        try await self.fixture.call("DescribeThingGroup", ["thingGroupName": name])
    }

    private func add(_ thing: String, to group: String) async throws {
        try await self.fixture.call("AddThingToThingGroup", body: ["thingName": .string(thing), "thingGroupName": .string(group)])
    }

    private func groups(of thing: String) async throws -> [String] {
        try await self.fixture.pages("ListThingGroupsForThing", "thingGroups", "groupName", ["thingName": thing], size: 2)
    }

    @Test("created with version 1, the same again gives the same ids, another configuration is refused")
    func create() async throws {
        let properties: JSONObject = ["thingGroupDescription": "All of it", "attributePayload": ["attributes": ["a": "1"]]]
        let created = try await self.create("house", nil, properties)
        #expect(created["thingGroupArn"]?.stringValue == OperationCaller.arn("thinggroup/house"))
        #expect(try await self.create("house", nil, properties) == created)
        for other: JSONObject? in [nil, ["thingGroupDescription": "Else"], ["thingGroupDescription": "All of it"]] {
            await expectError(
                "ResourceAlreadyExistsException", "Thing Group house already exists in current account with different properties"
            ) {
                _ = try await self.create("house", nil, other)
            }
        }
        await expectError("ResourceNotFoundException") { _ = try await self.create("room", "hut") }
        _ = try await self.create("room", "house")
        await expectError("ResourceAlreadyExistsException") { _ = try await self.create("room") }
        let house = try await self.describe("house")
        #expect(house["version"] == 1)
        #expect(house["thingGroupId"] == created["thingGroupId"])
        #expect(house["thingGroupProperties"] == .object(properties))
        #expect(house["thingGroupMetadata"]?.objectValue?.count == 1)
        let room = try await self.describe("room")
        #expect(room["thingGroupProperties"] == [:])
        #expect(room["thingGroupMetadata"]?["parentGroupName"] == "house")
        #expect(
            room["thingGroupMetadata"]?["rootToParentThingGroups"]
                == [["groupName": "house", "groupArn": .string(OperationCaller.arn("thinggroup/house"))]])
    }

    @Test("a hierarchy has seven levels, a group a hundred children, and fifty attributes")
    func limits() async throws {
        var parent: String?
        for level in 1...7 {
            _ = try await self.create("level\(level)", parent)
            parent = "level\(level)"
        }
        await expectError("InvalidRequestException") { _ = try await self.create("level8", "level7") }
        #expect(try await self.describe("level7")["thingGroupMetadata"]?["rootToParentThingGroups"]?.arrayValue?.count == 6)
        for number in 0..<99 { _ = try await self.create("child\(number)", "level1") }
        await expectError("InvalidRequestException") { _ = try await self.create("one-too-many", "level1") }
        let attributes = JSONObject((0..<51).map { ("a\($0)", JSONValue.string("x")) })
        await expectError("InvalidRequestException") {
            _ = try await self.create("rich", nil, ["attributePayload": ["attributes": .object(attributes)]])
        }
        await expectError("InvalidRequestException") { _ = try await self.create("told", nil, ["thingGroupDescription": "a\nb"]) }
        await expectError("InvalidRequestException") {
            _ = try await self.create("told", nil, ["thingGroupDescription": .string(String(repeating: "x", count: 2_029))])
        }
    }

    @Test("an update raises the version and changes what it names")
    func update() async throws {
        _ = try await self.create(
            "house", nil, ["thingGroupDescription": "old", "attributePayload": ["attributes": ["a": "1", "b": "2"]]])
        func update(_ properties: JSONObject, expected: Int64? = nil) async throws -> JSONValue? {
            var body: JSONObject = ["thingGroupProperties": .object(properties)]
            body["expectedVersion"] = expected.map(JSONValue.int)
            return try await self.fixture.call("UpdateThingGroup", ["thingGroupName": "house"], body: body)["version"]
        }
        #expect(try await update(["thingGroupDescription": "new"]) == 2)
        #expect(try await update(["attributePayload": ["attributes": ["c": "3", "a": ""], "merge": true]], expected: 2) == 3)
        #expect(
            try await self.describe("house")["thingGroupProperties"]
                == ["thingGroupDescription": "new", "attributePayload": ["attributes": ["b": "2", "c": "3"]]])
        #expect(try await update(["attributePayload": ["attributes": [:]]]) == 4)
        #expect(try await self.describe("house")["thingGroupProperties"] == ["thingGroupDescription": "new"])
        await expectError("VersionConflictException", "The version for thing group house does not match the expected version.") {
            _ = try await update([:], expected: 1)
        }
        await expectError("InvalidRequestException") { try await self.fixture.call("UpdateThingGroup", ["thingGroupName": "house"]) }
    }

    @Test("a thing is in one group of a hierarchy and in ten groups at most; all or nothing")
    func membership() async throws {
        try await self.fixture.createThing("lamp")
        for number in 0..<11 { _ = try await self.create("g\(number)") }
        _ = try await self.create("below0", "g0")
        try await self.add("lamp", to: "below0")
        try await self.add("lamp", to: "below0")
        await expectError("InvalidRequestException") { try await self.add("lamp", to: "g0") }
        for number in 1..<10 { try await self.add("lamp", to: "g\(number)") }
        await expectError("InvalidRequestException") { try await self.add("lamp", to: "g10") }
        await expectError("ResourceNotFoundException") { try await self.add("lamp", to: "none") }
        await expectError("ResourceNotFoundException") { try await self.add("none", to: "g1") }
        func change(add: [String], remove: [String]) async throws {
            try await self.fixture.call(
                "UpdateThingGroupsForThing",
                body: [
                    "thingName": "lamp", "thingGroupsToAdd": .array(add.map(JSONValue.string)),
                    "thingGroupsToRemove": .array(remove.map(JSONValue.string)),
                ])
        }
        await expectError("ResourceNotFoundException") { try await change(add: ["g10", "none"], remove: ["g1"]) }
        await expectError("InvalidRequestException") { try await change(add: ["g1"], remove: ["g1"]) }
        #expect(try await self.groups(of: "lamp") == ["below0"] + (1..<10).map { "g\($0)" })
        try await change(add: ["g10", "g0"], remove: ["g1", "below0"])
        #expect(try await self.groups(of: "lamp") == ["g0", "g10"] + (2..<10).map { "g\($0)" })
        try await self.fixture.call("DeleteThing", ["thingName": "lamp"])
        #expect(try await self.fixture.pages("ListThingsInThingGroup", "things", nil, ["thingGroupName": "g10"], size: 5).isEmpty)
    }

    @Test("things and groups are named by name, by ARN, or by both when they agree")
    func arns() async throws {
        try await self.fixture.createThing("a:b")
        _ = try await self.create("g:1")
        func change(_ operation: String, _ body: JSONObject) async throws { try await self.fixture.call(operation, body: body) }
        let thing = JSONValue.string(OperationCaller.arn("thing/a:b"))
        let group = JSONValue.string(OperationCaller.arn("thinggroup/g:1"))
        try await change("AddThingToThingGroup", ["thingArn": thing, "thingGroupArn": group])
        #expect(try await self.groups(of: "a:b") == ["g:1"])
        try await change("RemoveThingFromThingGroup", ["thingArn": thing, "thingName": "a:b", "thingGroupName": "g:1"])
        try await change("RemoveThingFromThingGroup", ["thingName": "a:b", "thingGroupName": "g:1"])
        #expect(try await self.groups(of: "a:b").isEmpty)
        for wrong: JSONObject in [
            ["thingName": "a:b"], ["thingGroupName": "g:1"], [:], ["thingName": "x", "thingArn": thing, "thingGroupName": "g:1"],
            ["thingName": "a:b", "thingGroupArn": thing], ["thingName": "a:b", "thingGroupArn": "arn:aws:iot:us-east-1:1:thinggroup/g:1"],
        ] {
            await expectError("InvalidRequestException") { try await change("AddThingToThingGroup", wrong) }
        }
    }

    @Test("a group with children stays; one that goes leaves its members alone; none is there twice")
    func delete() async throws {
        try await self.fixture.createThing("lamp")
        _ = try await self.create("house")
        _ = try await self.create("room", "house")
        try await self.add("lamp", to: "room")
        await expectError(
            "InvalidRequestException", "Cannot delete thing group : house when there are still child groups attached to it."
        ) {
            try await self.fixture.call("DeleteThingGroup", ["thingGroupName": "house"])
        }
        await expectError("VersionConflictException") {
            try await self.fixture.call("DeleteThingGroup", ["thingGroupName": "room"], query: ["expectedVersion": "2"])
        }
        try await self.fixture.call("DeleteThingGroup", ["thingGroupName": "room"])
        try await self.fixture.call("DeleteThingGroup", ["thingGroupName": "room"])
        #expect(try await self.groups(of: "lamp").isEmpty)
        try await self.fixture.call("DeleteThingGroup", ["thingGroupName": "house"])
        await expectError("ResourceNotFoundException") { _ = try await self.describe("house") }
        let rows = try await self.fixture.registry.store.read { connection in
            try connection.query("SELECT f.path FROM registry_terms AS t JOIN registry_fields AS f ON f.id = t.field WHERE f.domain = 1")
                .count
        }
        #expect(rows == 0)
    }

    @Test("listings: by prefix, below a group, right below, and the members of all below")
    func listings() async throws {
        _ = try await self.create("a")
        for name in ["a1", "a2", "b1"] { _ = try await self.create(name, "a") }
        for name in ["a11", "a12"] { _ = try await self.create(name, "a1") }
        _ = try await self.create("z")
        func list(_ query: [String: String]) async throws -> [String] {
            try await self.fixture.pages("ListThingGroups", "thingGroups", "groupName", query: query, size: 2)
        }
        #expect(try await list([:]) == ["a", "a1", "a11", "a12", "a2", "b1", "z"])
        #expect(try await list(["recursive": "false"]) == ["a", "z"])
        #expect(try await list(["parentGroup": "a"]) == ["a1", "a11", "a12", "a2", "b1"])
        #expect(try await list(["parentGroup": "a", "recursive": "false"]) == ["a1", "a2", "b1"])
        #expect(try await list(["parentGroup": "a1"]) == ["a11", "a12"])
        #expect(try await list(["parentGroup": "a", "namePrefixFilter": "a1"]) == ["a1", "a11", "a12"])
        #expect(try await list(["namePrefixFilter": "a2"]) == ["a2"])
        #expect(try await list(["namePrefixFilter": "c"]).isEmpty)
        await expectError("ResourceNotFoundException") { _ = try await list(["parentGroup": "none"]) }
        for (thing, group) in [("t1", "a"), ("t2", "a12"), ("t3", "a1"), ("t4", "b1"), ("t5", "a11"), ("t6", "z"), ("t7", "a11")] {
            try await self.fixture.createThing(thing)
            try await self.add(thing, to: group)
        }
        func things(_ group: String, _ recursive: String) async throws -> [String] {
            try await self.fixture.pages(
                "ListThingsInThingGroup", "things", nil, ["thingGroupName": group], query: ["recursive": recursive], size: 2)
        }
        #expect(try await things("a", "false") == ["t1"])
        #expect(try await things("a", "true") == ["t1", "t3", "t4", "t5", "t7", "t2"])
        #expect(try await things("a1", "true") == ["t3", "t5", "t7", "t2"])
        #expect(try await things("a11", "true") == ["t5", "t7"])
    }
}
