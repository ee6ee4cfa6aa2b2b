import JSON
import OperationTesting
import Testing

@testable import Identity

@Suite("Policies and their versions (AWS IoT Developer Guide, policies)")
struct PolicyOperationTests {
    @Test("a policy returns the text that was sent, with version 1 in force")
    func create() async throws {
        let fixture = try IdentityFixture()
        let text = "{ \"Version\": \"2012-10-17\",\n  \"Statement\": { \"Effect\":\"Allow\", \"Action\":\"iot:*\", \"Resource\":\"*\" } }"
        let created = try await fixture.call("CreatePolicy", ["policyName": "a+=,.@-_1"], body: ["policyDocument": .string(text)])
        #expect(created["policyArn"]?.stringValue == IdentityFixture.arn("policy/a+=,.@-_1"))
        #expect(created["policyDocument"]?.stringValue == text)
        #expect(created["policyVersionId"] == "1")
        let got = try await fixture.call("GetPolicy", ["policyName": "a+=,.@-_1"])
        #expect(got["policyDocument"]?.stringValue == text)
        #expect(got["defaultVersionId"] == "1")
        #expect(got["creationDate"]?.doubleValue ?? 0 > 1_750_000_000)
        await expectError("ResourceAlreadyExistsException", "Policy cannot be created - name already exists (name=a+=,.@-_1)") {
            try await fixture.call("CreatePolicy", ["policyName": "a+=,.@-_1"], body: ["policyDocument": .string(text)])
        }
    }

    @Test("what is no policy, or has no name that a policy can have, is refused")
    func refusals() async throws {
        let fixture = try IdentityFixture()
        for text in ["", "{}", "\"doc\"", "iot: *", "{\"Version\":\"2012-10-17\"}", "[1]"] {
            await expectError("MalformedPolicyException") {
                try await fixture.call("CreatePolicy", ["policyName": "p"], body: ["policyDocument": .string(text)])
            }
        }
        for name in ["a b", "", "a/b", "é", String(repeating: "a", count: 129), "../x"] {
            await expectError("InvalidRequestException") { try await fixture.createPolicy(name) }
        }
        await expectError("InvalidRequestException") { try await fixture.call("CreatePolicy", ["policyName": "p"]) }
    }

    @Test("every operation on a policy that is not there says Policy not found")
    func notFound() async throws {
        let fixture = try IdentityFixture()
        let body: JSONObject = [
            "policyDocument": .string(IdentityFixture.document()), "target": .string("eu-west-1:00000000-0000-0000-0000-000000000000"),
        ]
        for name in [
            "GetPolicy", "DeletePolicy", "CreatePolicyVersion", "GetPolicyVersion", "ListPolicyVersions", "DeletePolicyVersion",
            "SetDefaultPolicyVersion", "AttachPolicy", "DetachPolicy", "ListTargetsForPolicy",
        ] {
            await expectError("ResourceNotFoundException", "Policy not found") {
                try await fixture.call(name, ["policyName": "none", "policyVersionId": "1"], body: body)
            }
        }
    }

    @Test("five versions at most, ids never given again, the default one not deleted")
    func versions() async throws {
        let fixture = try IdentityFixture()
        try await fixture.createPolicy("p")
        func add(_ query: [String: String] = [:]) async throws -> String? {
            try await fixture.call(
                "CreatePolicyVersion", ["policyName": "p"], query: query,
                body: ["policyDocument": .string(IdentityFixture.document("Deny"))])["policyVersionId"]?.stringValue
        }
        func delete(_ version: String) async throws {
            try await fixture.call("DeletePolicyVersion", ["policyName": "p", "policyVersionId": version])
        }
        for expected in ["2", "3", "4"] { #expect(try await add() == expected) }
        #expect(try await add(["setAsDefault": "true"]) == "5")
        await expectError("VersionsLimitExceededException", "The policy p already has the maximum number of versions (5)") {
            try await add()
        }
        await expectError("DeleteConflictException", "Cannot delete the default version of a policy") { try await delete("5") }
        try await delete("4")
        #expect(try await add() == "6")
        await expectError("ResourceNotFoundException") { try await delete("4") }
        await expectError("ResourceNotFoundException") { try await delete("99999999999999999999") }
        try await fixture.call("SetDefaultPolicyVersion", ["policyName": "p", "policyVersionId": "1"])
        let list = try await fixture.call("ListPolicyVersions", ["policyName": "p"])["policyVersions"]?.arrayValue
        #expect(list?.compactMap { $0["versionId"]?.stringValue } == ["6", "5", "3", "2", "1"])
        #expect(list?.compactMap { $0["isDefaultVersion"]?.boolValue } == [false, false, false, false, true])
        let version = try await fixture.call("GetPolicyVersion", ["policyName": "p", "policyVersionId": "5"])
        #expect(version["policyDocument"]?.stringValue == IdentityFixture.document("Deny"))
        #expect(version["isDefaultVersion"] == false)
        await expectError(
            "DeleteConflictException", "Cannot delete the policy because it has one or more policy versions attached to it (name=p)"
        ) { try await fixture.call("DeletePolicy", ["policyName": "p"]) }
        for version in ["2", "3", "5", "6"] { try await delete(version) }
        try await fixture.call("DeletePolicy", ["policyName": "p"])
        try await fixture.createPolicy("p")
        #expect(try await fixture.call("GetPolicy", ["policyName": "p"])["defaultVersionId"] == "1")
    }

    @Test("versions made at the same time get different ids and never exceed five")
    func concurrentVersions() async throws {
        let fixture = try IdentityFixture()
        try await fixture.createPolicy("p")
        let ids = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try? await fixture.call(
                        "CreatePolicyVersion", ["policyName": "p"], body: ["policyDocument": .string(IdentityFixture.document())]
                    )["policyVersionId"]?.stringValue
                }
            }
            return await group.reduce(into: [String]()) { if let id = $1 { $0.append(id) } }
        }
        #expect(ids.sorted() == ["2", "3", "4", "5"])
    }

    @Test("ListPolicies pages in the order of age")
    func list() async throws {
        let fixture = try IdentityFixture()
        let names = ["c", "a", "b"]
        for name in names { try await fixture.createPolicy(name) }
        #expect(try await fixture.pages("ListPolicies", "policies", "policyName", size: 2, ascending: true) == names)
        #expect(try await fixture.pages("ListPolicies", "policies", "policyName", size: 2) == names.reversed())
    }

    @Test("tags of a policy are set at creation, added to, removed, and go with it")
    func tags() async throws {
        let fixture = try IdentityFixture()
        try await fixture.call(
            "CreatePolicy", ["policyName": "p"],
            body: ["policyDocument": .string(IdentityFixture.document()), "tags": [["Key": "b", "Value": "1"], ["Key": "a"]]])
        let arn = JSONValue.string(IdentityFixture.arn("policy/p"))
        func tags() async throws -> JSONValue? {
            try await fixture.call("ListTagsForResource", query: ["resourceArn": arn.stringValue ?? ""])["tags"]
        }
        #expect(try await tags() == [["Key": "a", "Value": ""], ["Key": "b", "Value": "1"]])
        try await fixture.call(
            "TagResource", body: ["resourceArn": arn, "tags": [["Key": "b", "Value": "2"], ["Key": "größe x", "Value": "3"]]])
        try await fixture.call("UntagResource", body: ["resourceArn": arn, "tagKeys": ["a", "unknown"]])
        #expect(try await tags() == [["Key": "b", "Value": "2"], ["Key": "größe x", "Value": "3"]])
        for tag in [["Key": "aws:x"], ["Key": ""], ["Key": "a*b"], ["Value": "x"]] as [JSONValue] {
            await expectError("InvalidRequestException") {
                try await fixture.call("TagResource", body: ["resourceArn": arn, "tags": [tag]])
            }
        }
        let many = (0..<51).map { number -> JSONValue in ["Key": .string("k\(number)"), "Value": ""] }
        await expectError("LimitExceededException") {
            try await fixture.call("TagResource", body: ["resourceArn": arn, "tags": .array(many)])
        }
        #expect(try await tags()?.arrayValue?.count == 2)
        try await fixture.call("DeletePolicy", ["policyName": "p"])
        await expectError("ResourceNotFoundException") { try await tags() }
        try await fixture.createPolicy("p")
        #expect(try await tags() == [])
        for other in ["cert/x", "thing/x", "nonsense", "policy"] {
            await expectError("InvalidRequestException") {
                try await fixture.call("ListTagsForResource", query: ["resourceArn": IdentityFixture.arn(other)])
            }
        }
    }
}
