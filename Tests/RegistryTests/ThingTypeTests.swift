import JSON
import OperationTesting
import Synchronization
import Testing

@testable import Registry

@Suite("Thing types and billing groups (AWS IoT Developer Guide)")
struct ThingTypeTests {
    @Test("a type is made once, is deprecated and back, and goes when no thing has it")
    func lifecycle() async throws {
        let heard = Mutex<[String]>([])
        let fixture = try RegistryFixture(publish: { topic, _ in heard.withLock { $0.append(topic) } })
        let kinds: JSONValue = ["THING_TYPE": ["Enabled": true], "THING_TYPE_ASSOCIATION": ["Enabled": true]]
        try await fixture.call("UpdateEventConfigurations", body: ["eventConfigurations": kinds])
        let properties: JSONValue = ["thingTypeDescription": "Lamps", "searchableAttributes": ["a", "b"]]
        let label = ["thingTypeName": "lamp"]
        let created = try await fixture.call("CreateThingType", label, body: ["thingTypeProperties": properties])
        #expect(try await fixture.call("CreateThingType", label, body: ["thingTypeProperties": properties]) == created)
        await expectError("ResourceAlreadyExistsException") { try await fixture.call("CreateThingType", label) }
        try await fixture.call("CreateThing", ["thingName": "t"], body: ["thingTypeName": "lamp"])
        await expectError("InvalidRequestException") { try await fixture.call("DeleteThingType", label) }
        try await fixture.call("DeprecateThingType", label)
        try await fixture.call("DeprecateThingType", label)
        #expect(try await fixture.call("DescribeThingType", label)["thingTypeMetadata"]?["deprecated"] == true)
        await expectError("InvalidRequestException") {
            try await fixture.call("CreateThing", ["thingName": "u"], body: ["thingTypeName": "lamp"])
        }
        // One that has it keeps it.
        try await fixture.call("UpdateThing", ["thingName": "t"], body: ["thingTypeName": "lamp"])
        await expectError("InvalidRequestException") { try await fixture.call("DeleteThingType", label) }
        try await fixture.call("UpdateThing", ["thingName": "t"], body: ["removeThingType": true])
        try await fixture.call("DeleteThingType", label)
        await expectError("ResourceNotFoundException") { try await fixture.call("DescribeThingType", label) }
        #expect(
            heard.withLock { $0 }
                == [
                    "thingType/lamp/created", "thingTypeAssociation/thing/t/thingType/lamp/added", "thingType/lamp/updated",
                    "thingTypeAssociation/thing/t/thingType/lamp/removed", "thingType/lamp/deleted",
                ].map { "$aws/events/\($0)" })
    }

    @Test("the delay between deprecation and deletion is the configured one")
    func delay() async throws {
        let now = Mutex<Int64>(1_700_000_000_000)
        let fixture = try RegistryFixture(settings: RegistryOptions(thingTypeDeleteDelay: 300), clock: { now.withLock { $0 } })
        let label = ["thingTypeName": "lamp"]
        try await fixture.call("CreateThingType", label)
        try await fixture.call("DeprecateThingType", label)
        now.withLock { $0 += 299_999 }
        await expectError("InvalidRequestException", "Please wait for 5 minutes after deprecation and then retry") {
            try await fixture.call("DeleteThingType", label)
        }
        now.withLock { $0 += 1 }
        try await fixture.call("DeleteThingType", label)
    }

    @Test("a type decides how many attributes a thing may have")
    func attributes() async throws {
        let fixture = try RegistryFixture()
        try await fixture.call("CreateThingType", ["thingTypeName": "lamp"])
        func attributes(_ count: Int) -> JSONObject { JSONObject((0..<count).map { ("a\($0)", JSONValue.string("x")) }) }
        func create(_ name: String, _ count: Int) async throws {
            let payload: JSONValue = ["attributes": .object(attributes(count))]
            try await fixture.call("CreateThing", ["thingName": name], body: ["thingTypeName": "lamp", "attributePayload": payload])
        }
        try await create("t", 50)
        await expectError("InvalidRequestException") { try await create("u", 51) }
        await expectError("InvalidRequestException") {
            try await fixture.call("UpdateThing", ["thingName": "t"], body: ["removeThingType": true])
        }
        try await fixture.call(
            "UpdateThing", ["thingName": "t"],
            body: ["removeThingType": true, "attributePayload": ["attributes": .object(attributes(3))]])
        let thing = try await fixture.call("DescribeThing", ["thingName": "t"])
        #expect(thing["thingTypeName"] == nil && thing["attributes"]?.objectValue?.count == 3)
    }

    @Test("what a type cannot be")
    func validation() async throws {
        let fixture = try RegistryFixture()
        for properties: JSONValue in [
            ["searchableAttributes": ["a", "b", "c", "d"]], ["searchableAttributes": ["a b"]], ["searchableAttributes": "a"],
            ["thingTypeDescription": "a\u{7}"], ["thingTypeDescription": 1], 5,
            Self.propagating([:]), Self.propagating(["userPropertyKey": "a"]), Self.propagating(["thingAttribute": "a"]),
            Self.propagating(1),
            Self.propagating(["userPropertyKey": "a b", "thingAttribute": "a"]),
            Self.propagating(["userPropertyKey": "a", "thingAttribute": "a b"]),
            Self.propagating(["userPropertyKey": "a", "connectionAttribute": "iot:Other"]),
            Self.propagating(["userPropertyKey": "a", "thingAttribute": "b", "connectionAttribute": "iot:ClientId"]),
            ["mqtt5Configuration": ["propagatingAttributes": .array(Array(repeating: Self.model, count: 21))]],
            ["mqtt5Configuration": ["propagatingAttributes": 1]], ["mqtt5Configuration": 1],
        ] {
            await expectError("InvalidRequestException") {
                try await fixture.call("CreateThingType", ["thingTypeName": "x"], body: ["thingTypeProperties": properties])
            }
        }
        await expectError("ResourceNotFoundException") { try await fixture.call("DeprecateThingType", ["thingTypeName": "x"]) }
        await expectError("ResourceNotFoundException") { try await fixture.call("DeleteThingType", ["thingTypeName": "x"]) }
        await expectError("ResourceNotFoundException") { try await fixture.call("UpdateThingType", ["thingTypeName": "x"]) }
    }

    private static let model: JSONValue = ["userPropertyKey": "model", "thingAttribute": "m"]

    private static func propagating(_ attribute: JSONValue) -> JSONValue {
        ["mqtt5Configuration": ["propagatingAttributes": [attribute]]]
    }

    @Test("propagating attributes are kept, replaced whole, and ended by an empty list")
    func propagation() async throws {
        let heard = Mutex<[JSONValue?]>([])
        let fixture = try RegistryFixture(publish: { _, event in heard.withLock { $0.append(event["propagatingAttributes"]) } })
        try await fixture.call("UpdateEventConfigurations", body: ["eventConfigurations": ["THING_TYPE": ["Enabled": true]]])
        let label = ["thingTypeName": "lamp"]
        let connection: [JSONValue] = [
            ["userPropertyKey": "client", "connectionAttribute": "iot:ClientId"],
            ["userPropertyKey": "$thing", "connectionAttribute": "iot:Thing.ThingName"],
        ]
        let all: JSONValue = ["mqtt5Configuration": ["propagatingAttributes": .array([Self.model] + connection)]]
        func properties() async throws -> JSONValue? { try await fixture.call("DescribeThingType", label)["thingTypeProperties"] }
        let created = try await fixture.call("CreateThingType", label, body: ["thingTypeProperties": all])
        #expect(try await fixture.call("CreateThingType", label, body: ["thingTypeProperties": all]) == created)
        await expectError("ResourceAlreadyExistsException") { try await fixture.call("CreateThingType", label) }
        #expect(try await properties() == all)
        try await fixture.call("UpdateThingType", label, body: ["thingTypeProperties": ["thingTypeDescription": "d"]])
        #expect(try await properties()?["mqtt5Configuration"] == all["mqtt5Configuration"])
        try await fixture.call("UpdateThingType", label, body: ["thingTypeProperties": Self.propagating(Self.model)])
        #expect(try await properties()?["mqtt5Configuration"] == ["propagatingAttributes": [Self.model]])
        let none: JSONValue = ["mqtt5Configuration": ["propagatingAttributes": []]]
        try await fixture.call("UpdateThingType", label, body: ["thingTypeProperties": none])
        #expect(try await properties() == ["thingTypeDescription": "d"])
        let whole = JSONValue.array([Self.model] + connection)
        #expect(heard.withLock { $0 } == [whole, whole, [Self.model], []])
    }

    @Test("a thing is in one billing group")
    func billing() async throws {
        let fixture = try RegistryFixture()
        for name in ["a", "b"] { try await fixture.call("CreateBillingGroup", ["billingGroupName": name]) }
        try await fixture.call("CreateThing", ["thingName": "t"], body: ["billingGroupName": "a"])
        func things(_ group: String) async throws -> [String] {
            try await fixture.pages("ListThingsInBillingGroup", "things", nil, ["billingGroupName": group], size: 5)
        }
        #expect(try await things("a") == ["t"])
        try await fixture.call("AddThingToBillingGroup", body: ["thingName": "t", "billingGroupName": "b"])
        #expect(try await things("a").isEmpty)
        try await fixture.call("RemoveThingFromBillingGroup", body: ["thingName": "t", "billingGroupName": "a"])
        #expect(try await things("b") == ["t"])
        #expect(try await fixture.call("DescribeThing", ["thingName": "t"])["version"] == 1)
        try await fixture.call("DeleteBillingGroup", ["billingGroupName": "b"])
        #expect(try await fixture.call("DescribeThing", ["thingName": "t"])["billingGroupName"] == nil)
        await expectError("ResourceNotFoundException") {
            try await fixture.call("AddThingToBillingGroup", body: ["thingName": "t", "billingGroupName": "b"])
        }
    }
}
