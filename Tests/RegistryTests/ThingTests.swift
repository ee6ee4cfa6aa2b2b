import JSON
import OperationTesting
import Testing

@testable import Registry

@Suite("Things (AWS IoT Developer Guide, registry)")
struct ThingTests {
    @Test("created with version 1, the same again gives the same ids, another configuration is refused")
    func create() async throws {
        let fixture = try RegistryFixture()
        let created = try await fixture.createThing("a:b_c-1", ["room": "hall"])
        #expect(created["thingName"] == "a:b_c-1")
        #expect(created["thingArn"]?.stringValue == OperationCaller.arn("thing/a:b_c-1"))
        #expect(created["thingId"]?.stringValue?.count == 36)
        #expect(created["version"] == nil)
        #expect(try await fixture.createThing("a:b_c-1", ["room": "hall"]) == created)
        await expectError("ResourceAlreadyExistsException") { try await fixture.createThing("a:b_c-1", ["room": "attic"]) }
        await expectError("ResourceAlreadyExistsException") { try await fixture.createThing("a:b_c-1") }
        let described = try await fixture.call("DescribeThing", ["thingName": "a:b_c-1"])
        #expect(described["version"] == 1)
        #expect(described["defaultClientId"] == "a:b_c-1")
        #expect(described["attributes"] == ["room": "hall"])
        #expect(described["thingId"] == created["thingId"])
        #expect(described["thingTypeName"] == nil)
    }

    @Test("created at the same time, all callers get one thing")
    func concurrent() async throws {
        let fixture = try RegistryFixture()
        let ids = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<16 { group.addTask { try await fixture.createThing("lamp")["thingId"]?.stringValue } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
    }

    @Test("names and attributes outside of the model are refused")
    func validation() async throws {
        let fixture = try RegistryFixture()
        for name in ["", "a b", "a/b", "../x", "ä", "a.b", String(repeating: "a", count: 129)] {
            await expectError("InvalidRequestException") { try await fixture.createThing(name) }
        }
        for attributes: JSONObject in [
            ["a b": "x"], ["a": "x y"], ["": "x"], ["a": 1], ["a": .string(String(repeating: "x", count: 801))],
            [String(repeating: "a", count: 129): "x"], ["a": "1", "b": "2", "c": "3", "d": "4"],
        ] {
            await expectError("InvalidRequestException") { try await fixture.createThing("lamp", attributes) }
        }
        try await fixture.createThing(
            "lamp", ["a.b,@/:#-_": "c.,@/:#=[]-_", "long": .string(String(repeating: "x", count: 800)), "gone": ""])
        #expect(try await fixture.call("DescribeThing", ["thingName": "lamp"])["attributes"]?.objectValue?.count == 2)
        await expectError("ResourceNotFoundException") {
            try await fixture.call("CreateThing", ["thingName": "x"], body: ["thingTypeName": "t"])
        }
        await expectError("ResourceNotFoundException") {
            try await fixture.call("CreateThing", ["thingName": "x"], body: ["billingGroupName": "g"])
        }
        await expectError("ResourceNotFoundException") { try await fixture.call("DescribeThing", ["thingName": "x"]) }
    }

    @Test("an update raises the version, replaces or merges, and an empty value removes")
    func update() async throws {
        let fixture = try RegistryFixture()
        try await fixture.createThing("lamp", ["a": "1", "b": "2"])
        func update(_ attributes: JSONObject, merge: Bool? = nil, expected: Int64? = nil) async throws {
            var payload: JSONObject = ["attributes": .object(attributes)]
            payload["merge"] = merge.map(JSONValue.bool)
            var body: JSONObject = ["attributePayload": .object(payload)]
            body["expectedVersion"] = expected.map(JSONValue.int)
            try await fixture.call("UpdateThing", ["thingName": "lamp"], body: body)
        }
        func described() async throws -> JSONValue { try await fixture.call("DescribeThing", ["thingName": "lamp"]) }
        try await update(["b": "3", "c": "4"], merge: true)
        #expect(try await described()["attributes"] == ["a": "1", "b": "3", "c": "4"])
        #expect(try await described()["version"] == 2)
        try await update(["a": ""], merge: true, expected: 2)
        #expect(try await described()["attributes"] == ["b": "3", "c": "4"])
        await expectError("VersionConflictException", "The version for thing lamp does not match the expected version.") {
            try await update(["x": "1"], expected: 2)
        }
        await expectError("InvalidRequestException") { try await update(["x": "1", "y": "1"], merge: true) }
        try await update(["z": "9"])
        #expect(try await described()["attributes"] == ["z": "9"])
        #expect(try await described()["version"] == 4)
        await expectError("InvalidRequestException") {
            try await fixture.call("UpdateThing", ["thingName": "lamp"], body: ["thingTypeName": "t", "removeThingType": true])
        }
        await expectError("ResourceNotFoundException") {
            try await fixture.call("UpdateThing", ["thingName": "lamp"], body: ["thingTypeName": "t"])
        }
        await expectError("ResourceNotFoundException") { try await fixture.call("UpdateThing", ["thingName": "none"]) }
    }

    @Test("updates at the same time each count")
    func concurrentUpdates() async throws {
        let fixture = try RegistryFixture()
        try await fixture.createThing("lamp")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { try await fixture.call("UpdateThing", ["thingName": "lamp"]) } }
            try await group.waitForAll()
        }
        #expect(try await fixture.call("DescribeThing", ["thingName": "lamp"])["version"] == 21)
    }

    @Test("deleting what is not there succeeds; the version must match; principals must be detached")
    func delete() async throws {
        let fixture = try RegistryFixture()
        try await fixture.call("DeleteThing", ["thingName": "none"])
        try await fixture.createThing("lamp", ["a": "1"])
        let certificate = try await fixture.createCertificate()
        try await fixture.attach(certificate, to: "lamp")
        await expectError("VersionConflictException") {
            try await fixture.call("DeleteThing", ["thingName": "lamp"], query: ["expectedVersion": "2"])
        }
        await expectError("InvalidRequestException", "Cannot delete. Thing lamp is still attached to one or more principals") {
            try await fixture.call("DeleteThing", ["thingName": "lamp"])
        }
        try await fixture.call("DetachThingPrincipal", ["thingName": "lamp"], principal: certificate)
        try await fixture.call("DeleteThing", ["thingName": "lamp"], query: ["expectedVersion": "1"])
        await expectError("ResourceNotFoundException") { try await fixture.call("DescribeThing", ["thingName": "lamp"]) }
        // Nothing of the old thing is left in a new one of its name.
        try await fixture.createThing("lamp")
        #expect(try await fixture.call("DescribeThing", ["thingName": "lamp"])["attributes"] == [:])
    }

    @Test("ListThings pages by name, and finds attributes by value or its beginning")
    func list() async throws {
        let fixture = try RegistryFixture()
        for number in 0..<7 { try await fixture.createThing("t\(number)", ["n": .string("v\(number % 3)"), "x": .string("\(number)")]) }
        try await fixture.createThing("bare")
        #expect(try await fixture.pages("ListThings", "things", "thingName", size: 3) == ["bare"] + (0..<7).map { "t\($0)" })
        func find(_ query: [String: String]) async throws -> [String] {
            try await fixture.pages("ListThings", "things", "thingName", query: query, size: 2)
        }
        #expect(try await find(["attributeName": "n", "attributeValue": "v1"]) == ["t1", "t4"])
        #expect(try await find(["attributeName": "n", "attributeValue": "v", "usePrefixAttributeValue": "true"]).count == 7)
        #expect(try await find(["attributeName": "n", "attributeValue": "v"]).isEmpty)
        #expect(try await find(["attributeName": "n"]).count == 7)
        #expect(try await find(["attributeName": "v1"]).isEmpty)
        #expect(try await find(["thingTypeName": "none"]).isEmpty)
        await expectError("InvalidRequestException") { try await find(["attributeValue": "v1"]) }
        let item = try await fixture.call("ListThings", query: ["attributeName": "x", "attributeValue": "0"])["things"]?[0]
        #expect(
            item == [
                "thingName": "t0", "thingArn": .string(OperationCaller.arn("thing/t0")), "attributes": ["n": "v0", "x": "0"], "version": 1,
            ])
        let token = try await fixture.call("ListThings", query: ["maxResults": "1"])["nextToken"]?.stringValue ?? ""
        await expectError("InvalidRequestException") {
            try await fixture.call("ListThings", query: ["nextToken": token, "attributeName": "n"])
        }
        for query in [["maxResults": "0"], ["maxResults": "251"], ["nextToken": "x"]] {
            await expectError("InvalidRequestException") { try await fixture.call("ListThings", query: query) }
        }
    }
}
