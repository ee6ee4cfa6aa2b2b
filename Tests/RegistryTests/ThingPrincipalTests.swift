import Identity
import JSON
import OperationTesting
import Testing

@testable import Registry

@Suite("Principals of things (AWS IoT Developer Guide, registry)")
struct ThingPrincipalTests {
    private static let cognito = "eu-west-1:12345678-1234-1234-1234-123456789abc"

    @Test("any number of things and principals; attaching is idempotent; both listings page")
    func attach() async throws {
        let fixture = try RegistryFixture()
        for name in ["a", "b", "c"] { try await fixture.createThing(name) }
        let certificate = try await fixture.createCertificate()
        for name in ["c", "a", "b", "a"] { try await fixture.attach(certificate, to: name) }
        try await fixture.attach(Self.cognito, to: "a")
        #expect(try await fixture.pages("ListPrincipalThings", "things", principal: certificate, size: 2) == ["a", "b", "c"])
        #expect(
            try await fixture.pages("ListThingPrincipals", "principals", nil, ["thingName": "a"], size: 1) == [certificate, Self.cognito])
        let objects = try await fixture.call("ListThingPrincipalsV2", ["thingName": "b"])
        #expect(objects == ["thingPrincipalObjects": [["principal": .string(certificate), "thingPrincipalType": "NON_EXCLUSIVE_THING"]]])
        let detach = { try await fixture.call("DetachThingPrincipal", ["thingName": "a"], principal: certificate) }
        _ = try await detach()
        await expectError("ResourceNotFoundException") { try await detach() }
        #expect(try await fixture.pages("ListPrincipalThings", "things", principal: certificate, size: 9) == ["b", "c"])
    }

    @Test("things, certificates and kinds that do not exist are refused")
    func refusals() async throws {
        let fixture = try RegistryFixture()
        try await fixture.createThing("a")
        let certificate = try await fixture.createCertificate()
        let unknown = OperationCaller.arn("cert/" + String(repeating: "0", count: 64))
        await expectError("ResourceNotFoundException") { try await fixture.attach(certificate, to: "none") }
        await expectError("ResourceNotFoundException") { try await fixture.attach(unknown, to: "a") }
        await expectError("ResourceNotFoundException") { try await fixture.call("ListPrincipalThings", principal: unknown) }
        for principal in ["x", "", OperationCaller.arn("thinggroup/g"), OperationCaller.arn("thing/a")] {
            await expectError("InvalidRequestException") { try await fixture.attach(principal, to: "a") }
        }
        await expectError("InvalidRequestException") { try await fixture.attach(certificate, to: "a", "SOMETIMES") }
        await expectError("InvalidRequestException") { try await fixture.call("AttachThingPrincipal", ["thingName": "a"]) }
        await expectError(
            "ResourceNotFoundException", "Failed to list principals for thing xxx because the thing does not exist in your account"
        ) { try await fixture.call("ListThingPrincipals", ["thingName": "xxx"]) }
    }

    @Test("an exclusive principal has one thing")
    func exclusive() async throws {
        let fixture = try RegistryFixture()
        for name in ["a", "b"] { try await fixture.createThing(name) }
        let certificate = try await fixture.createCertificate()
        try await fixture.attach(certificate, to: "a", "EXCLUSIVE_THING")
        try await fixture.attach(certificate, to: "a")
        await expectError("InvalidRequestException") { try await fixture.attach(certificate, to: "b") }
        await expectError("InvalidRequestException") { try await fixture.attach(certificate, to: "b", "EXCLUSIVE_THING") }
        let objects = try await fixture.call(
            "ListPrincipalThingsV2", query: ["thingPrincipalType": "EXCLUSIVE_THING"], principal: certificate)
        #expect(objects == ["principalThingObjects": [["thingName": "a", "thingPrincipalType": "EXCLUSIVE_THING"]]])
        #expect(
            try await fixture.call("ListPrincipalThingsV2", query: ["thingPrincipalType": "NON_EXCLUSIVE_THING"], principal: certificate)
                == ["principalThingObjects": []])
        try await fixture.attach(certificate, to: "a", "NON_EXCLUSIVE_THING")
        try await fixture.attach(certificate, to: "b")
        await expectError("InvalidRequestException") { try await fixture.attach(certificate, to: "a", "EXCLUSIVE_THING") }
    }

    @Test("exclusive attachments at the same time: one wins")
    func race() async throws {
        let fixture = try RegistryFixture()
        for number in 0..<8 { try await fixture.createThing("t\(number)") }
        let certificate = try await fixture.createCertificate()
        let won = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 { group.addTask { (try? await fixture.attach(certificate, to: "t\(number)", "EXCLUSIVE_THING")) != nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(won == 1)
    }

    @Test("a certificate that a thing holds is not deleted, and one that is deleted is not attached")
    func certificateDeletion() async throws {
        let fixture = try RegistryFixture()
        try await fixture.createThing("a")
        let certificate = try await fixture.createCertificate()
        let id = ["certificateId": String(certificate.suffix(64))]
        try await fixture.attach(certificate, to: "a")
        try await fixture.call("UpdateCertificate", id, query: ["newStatus": "INACTIVE"])
        await expectError("DeleteConflictException", "Things must be detached before deletion (arn: \(certificate))") {
            try await fixture.call("DeleteCertificate", id)
        }
        try await fixture.call("DetachThingPrincipal", ["thingName": "a"], principal: certificate)
        try await fixture.call("DeleteCertificate", id)
        await expectError("ResourceNotFoundException") { try await fixture.attach(certificate, to: "a") }
    }

    @Test("a live connection goes by the registry's changes when the call returns")
    func liveConnections() async throws {
        let fixture = try RegistryFixture()
        let certificate = try await fixture.createCertificate()
        let topic = "arn:aws:iot:*:*:topic/${iot:Connection.Thing.ThingName}/${iot:Connection.Thing.Attributes[room]}"
        let statement = #"{"Effect":"Allow","Action":"iot:Publish","Resource":"\#(topic)"}"#
        try await fixture.call(
            "CreatePolicy", ["policyName": "p"], body: ["policyDocument": .string(#"{"Version":"2012-10-17","Statement":\#(statement)}"#)])
        try await fixture.call("AttachPolicy", ["policyName": "p"], body: ["target": .string(certificate)])
        try await fixture.createThing("lamp", ["room": "hall"])
        let box = try await fixture.identity.authority(
            for: AuthoritySubject(principal: .certificate(id: String(certificate.suffix(64))), clientID: "lamp", sourceAddress: "::1"))
        #expect(!box.decide(.publish, "lamp/hall").isAllowed)
        try await fixture.attach(certificate, to: "lamp")
        #expect(box.decide(.publish, "lamp/hall").isAllowed)
        try await fixture.call("UpdateThing", ["thingName": "lamp"], body: ["attributePayload": ["attributes": ["room": "attic"]]])
        #expect(box.decide(.publish, "lamp/attic").isAllowed)
        #expect(!box.decide(.publish, "lamp/hall").isAllowed)
        try await fixture.attach(certificate, to: "lamp", "EXCLUSIVE_THING")
        #expect(box.exclusiveThing == "lamp")
        try await fixture.call("DetachThingPrincipal", ["thingName": "lamp"], principal: certificate)
        #expect(!box.decide(.publish, "lamp/attic").isAllowed)
    }
}
