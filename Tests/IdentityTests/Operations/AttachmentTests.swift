import JSON
import OperationTesting
import Synchronization
import Testing

@testable import Identity

@Suite("Attaching policies (AWS IoT Developer Guide, policies)")
struct AttachmentTests {
    static let cognito = "eu-west-1:12345678-1234-1234-1234-123456789abc"

    @Test("attaching is idempotent, detaching what is not attached is not")
    func attach() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        let arn = IdentityFixture.arn("cert/\(id)")
        try await fixture.createPolicy("p")
        try await fixture.attach("p", to: id)
        try await fixture.attach("p", to: id)
        try await fixture.call("AttachPolicy", ["policyName": "p"], body: ["target": .string(Self.cognito)])
        let attached = try await fixture.call("ListAttachedPolicies", ["target": arn])
        #expect(attached == ["policies": [["policyName": "p", "policyArn": .string(IdentityFixture.arn("policy/p"))]]])
        #expect(try await fixture.pages("ListTargetsForPolicy", "targets", nil, ["policyName": "p"], size: 1) == [arn, Self.cognito])
        await expectError(
            "DeleteConflictException", "The policy cannot be deleted as the policy is attached to one or more principals (name=p)"
        ) { try await fixture.call("DeletePolicy", ["policyName": "p"]) }
        let detach = { try await fixture.call("DetachPolicy", ["policyName": "p"], body: ["target": .string(arn)]) }
        _ = try await detach()
        await expectError("ResourceNotFoundException") { try await detach() }
        #expect(try await fixture.call("ListAttachedPolicies", ["target": arn]) == ["policies": []])
    }

    @Test("the older operations work on the same relation")
    func legacy() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        let principal = ["x-amzn-iot-principal": IdentityFixture.arn("cert/\(id)")]
        try await fixture.createPolicy("p")
        try await fixture.call("AttachPrincipalPolicy", ["policyName": "p"], headers: principal)
        #expect(try await fixture.pages("ListPrincipalPolicies", "policies", "policyName", headers: principal, size: 1) == ["p"])
        #expect(
            try await fixture.pages("ListPolicyPrincipals", "principals", nil, headers: ["x-amzn-iot-policy": "p"], size: 1)
                == [IdentityFixture.arn("cert/\(id)")])
        #expect(
            try await fixture.call("ListAttachedPolicies", ["target": IdentityFixture.arn("cert/\(id)")])["policies"]?.arrayValue?.count
                == 1)
        try await fixture.call("DetachPrincipalPolicy", ["policyName": "p"], headers: principal)
        #expect(try await fixture.pages("ListPrincipalPolicies", "policies", "policyName", headers: principal, size: 1).isEmpty)
    }

    @Test("targets that are not here, or are none, are refused")
    func targets() async throws {
        let fixture = try IdentityFixture()
        try await fixture.createPolicy("p")
        let unknown = String(repeating: "0", count: 64)
        for target in [IdentityFixture.arn("cert/\(unknown)"), IdentityFixture.arn("thinggroup/g")] {
            await expectError("ResourceNotFoundException", "The resource \(target) does not exist") {
                try await fixture.call("AttachPolicy", ["policyName": "p"], body: ["target": .string(target)])
            }
            await expectError("ResourceNotFoundException") { try await fixture.call("ListAttachedPolicies", ["target": target]) }
        }
        for target in [
            "x", "", "arn:aws:iot:us-east-1:123456789012:cert/\(unknown)", IdentityFixture.arn("cognito/x"), IdentityFixture.arn("thing/x"),
            "eu-west-1:x",
        ] {
            await expectError("InvalidRequestException") {
                try await fixture.call("AttachPolicy", ["policyName": "p"], body: ["target": .string(target)])
            }
        }
    }

    @Test("ten policies on one principal at most, also when they come at the same time")
    func limit() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        for number in 0..<14 { try await fixture.createPolicy("p\(number)") }
        let attached = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<14 {
                group.addTask { (try? await fixture.attach("p\(number)", to: id)) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(attached == 10)
        await expectError("LimitExceededException") {
            for number in 0..<14 { try await fixture.attach("p\(number)", to: id) }
        }
        let listed = try await fixture.pages(
            "ListAttachedPolicies", "policies", "policyName", ["target": IdentityFixture.arn("cert/\(id)")], size: 3)
        #expect(listed.count == 10)
        #expect(listed == listed.sorted())
    }

    @Test("GetEffectivePolicies gives the documents in force")
    func effective() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("p")
        try await fixture.attach("p", to: id)
        let deny = IdentityFixture.document("Deny")
        try await fixture.call(
            "CreatePolicyVersion", ["policyName": "p"], query: ["setAsDefault": "true"], body: ["policyDocument": .string(deny)])
        let principal = JSONValue.string(IdentityFixture.arn("cert/\(id)"))
        let expected: JSONValue = [
            ["policyName": "p", "policyArn": .string(IdentityFixture.arn("policy/p")), "policyDocument": .string(deny)]
        ]
        #expect(try await fixture.call("GetEffectivePolicies", body: ["principal": principal])["effectivePolicies"] == expected)
        await expectError("ResourceNotFoundException") {
            try await fixture.call("GetEffectivePolicies", query: ["thingName": "lamp"], body: ["principal": principal])
        }
        fixture.things.state.withLock { $0.things["lamp"] = ThingFacts(name: "lamp") }
        #expect(
            try await fixture.call("GetEffectivePolicies", query: ["thingName": "lamp"], body: ["principal": principal])[
                "effectivePolicies"] == expected)
        await expectError("InvalidRequestException") { try await fixture.call("GetEffectivePolicies") }
    }

    @Test("TestAuthorization tells the decision and the policies behind it")
    func testAuthorization() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("allow", IdentityFixture.document("Allow", "iot:Publish", "topic/a/*"))
        try await fixture.createPolicy("deny", IdentityFixture.document("Deny", "iot:Publish", "topic/a/secret"))
        try await fixture.createPolicy(
            "thing", IdentityFixture.document("Allow", "iot:Connect", "client/${iot:Connection.Thing.ThingName}"))
        for name in ["allow", "deny", "thing"] { try await fixture.attach(name, to: id) }
        func test(_ type: String, _ resource: String, _ more: JSONObject = [:]) async throws -> JSONValue? {
            var body = more
            body["principal"] = .string(IdentityFixture.arn("cert/\(id)"))
            body["authInfos"] = [["actionType": .string(type), "resources": [.string(IdentityFixture.arn(resource))]]]
            return try await fixture.call("TestAuthorization", query: ["clientId": "lamp"], body: body)["authResults"]?[0]
        }
        var result = try await test("PUBLISH", "topic/a/b")
        #expect(result?["authDecision"] == "ALLOWED")
        #expect(result?["allowed"]?["policies"]?[0]?["policyName"] == "allow")
        result = try await test("PUBLISH", "topic/a/secret")
        #expect(result?["authDecision"] == "EXPLICIT_DENY")
        #expect(result?["denied"]?["explicitDeny"]?["policies"]?[0]?["policyName"] == "deny")
        result = try await test("PUBLISH", "topic/a/secret", ["policyNamesToSkip": ["deny"]])
        #expect(result?["authDecision"] == "ALLOWED")
        result = try await test("CONNECT", "client/lamp")
        #expect(result?["authDecision"] == "IMPLICIT_DENY")
        #expect(result?["missingContextValues"] == ["iot:Connection.Thing.ThingName"])
        fixture.things.state.withLock {
            $0.things["lamp"] = ThingFacts(name: "lamp")
            $0.attachments["lamp"] = [.certificate(id: id)]
        }
        #expect(try await test("CONNECT", "client/lamp")?["authDecision"] == "ALLOWED")
        try await fixture.createPolicy("all")
        #expect(try await test("SUBSCRIBE", "topicfilter/x")?["authDecision"] == "IMPLICIT_DENY")
        #expect(try await test("SUBSCRIBE", "topicfilter/x", ["policyNamesToAdd": ["all"]])?["authDecision"] == "ALLOWED")
        await expectError("ResourceNotFoundException") { try await test("SUBSCRIBE", "topicfilter/x", ["policyNamesToAdd": ["none"]]) }
        await expectError("InvalidRequestException") { try await test("EAT", "topic/x") }
        await expectError("InvalidRequestException") {
            try await fixture.call("TestAuthorization", body: ["principal": .string(Self.cognito)])
        }
    }

    @Test("DescribeEndpoint gives the configured address for each type that AWS has")
    func endpoint() async throws {
        let fixture = try IdentityFixture()
        #expect(try await fixture.call("DescribeEndpoint") == ["endpointAddress": "broker.example"])
        for type in ["iot:Data", "iot:Data-ATS", "iot:CredentialProvider", "iot:Jobs"] {
            #expect(try await fixture.call("DescribeEndpoint", query: ["endpointType": type])["endpointAddress"] == "broker.example")
        }
        await expectError("InvalidRequestException") { try await fixture.call("DescribeEndpoint", query: ["endpointType": "iot:Abc"]) }
    }
}
