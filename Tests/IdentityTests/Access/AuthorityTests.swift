import AWSAPI
import JSON
import Storage
import Synchronization
import Testing

@testable import Identity

@Suite("The authority of a connection (AWS IoT Developer Guide, policies)")
struct AuthorityTests {
    private func connect(
        _ fixture: IdentityFixture, _ certificate: String, clientID: String? = "lamp", persistent: Bool = false, will: String? = nil
    ) async throws -> ConnectionAuthorityBox {
        try await fixture.identity.authority(
            for: AuthoritySubject(
                principal: .certificate(id: certificate), clientID: clientID, sourceAddress: "192.0.2.7", serverName: "broker.example",
                isPersistent: persistent, lastWillTopic: will))
    }

    @Test("a live connection goes by a policy's new version, attachment and detachment when the call returns")
    func refreshedInPlace() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        let box = try await self.connect(fixture, id)
        #expect(!box.decide(.publish, "a").isAllowed)
        try await fixture.createPolicy("p", IdentityFixture.document("Allow", "iot:Publish", "topic/a"))
        try await fixture.attach("p", to: id)
        #expect(box.decide(.publish, "a").isAllowed)
        #expect(!box.decide(.subscribe, "a").isAllowed)
        try await fixture.call(
            "CreatePolicyVersion", ["policyName": "p"], query: ["setAsDefault": "true"],
            body: ["policyDocument": .string(IdentityFixture.document("Deny"))])
        #expect(box.decide(.publish, "a").explanation.contains("denied by policy p version 2 statement 1"))
        try await fixture.call("SetDefaultPolicyVersion", ["policyName": "p", "policyVersionId": "1"])
        #expect(box.decide(.publish, "a").isAllowed)
        try await fixture.call("DetachPolicy", ["policyName": "p"], body: ["target": .string(IdentityFixture.arn("cert/\(id)"))])
        #expect(!box.decide(.publish, "a").isAllowed)
    }

    @Test("a policy that is deleted and made anew under its name is not taken for the old one")
    func recreatedPolicy() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        for (effect, isAllowed) in [("Allow", true), ("Deny", false)] {
            try await fixture.createPolicy("p", IdentityFixture.document(effect))
            try await fixture.attach("p", to: id)
            #expect(try await self.connect(fixture, id).decide(.publish, "a").isAllowed == isAllowed)
            try await fixture.call("DetachPolicy", ["policyName": "p"], body: ["target": .string(IdentityFixture.arn("cert/\(id)"))])
            try await fixture.call("DeletePolicy", ["policyName": "p"])
        }
    }

    @Test("a certificate that is not ACTIVE allows nothing, says so, and its connections are to end")
    func deactivated() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("p")
        try await fixture.attach("p", to: id)
        let box = try await self.connect(fixture, id)
        let heard = Mutex<[IdentityChange]>([])
        fixture.identity.onChange { change in
            // The authorities are refreshed before anyone hears of the change.
            if change == .certificateDeactivated(id: id) { #expect(!box.decide(.publish, "a").isAllowed) }
            heard.withLock { $0.append(change) }
        }
        #expect(box.decide(.publish, "a").isAllowed)
        for status in ["INACTIVE", "ACTIVE", "REVOKED"] {
            try await fixture.call("UpdateCertificate", ["certificateId": id], query: ["newStatus": status])
            #expect(box.decide(.publish, "a").isAllowed == (status == "ACTIVE"))
        }
        #expect(
            heard.withLock { $0 } == [.certificateDeactivated(id: id), .policiesChanged, .certificateDeactivated(id: id)])
        #expect(box.decide(.publish, "a").explanation == "iot:Publish on a: denied, the certificate is REVOKED, not ACTIVE")
        let late = try await self.connect(fixture, id)
        #expect(!late.decide(.connect, "lamp").isAllowed)
        try await fixture.call("DeleteCertificate", ["certificateId": id], query: ["forceDelete": "true"])
        #expect(box.decide(.publish, "a").explanation.contains("not registered"))
    }

    @Test("the thing is the one named like the client, if it holds the certificate, or the exclusive one")
    func things() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        let target = PolicyTarget.certificate(id: id)
        try await fixture.createPolicy(
            "p",
            IdentityFixture.document(
                "Allow", "iot:Publish", "topic/${iot:Connection.Thing.ThingName}/${iot:Connection.Thing.Attributes[room]}"))
        try await fixture.attach("p", to: id)
        let box = try await self.connect(fixture, id)
        #expect(box.decide(.publish, "lamp/hall").explanation.contains("iot:Connection.Thing.ThingName"))
        fixture.things.state.withLock {
            $0.things["lamp"] = ThingFacts(name: "lamp", attributes: ["room": "hall"])
            $0.things["other"] = ThingFacts(name: "other", attributes: ["room": "attic"])
            $0.attachments["lamp"] = [target]
        }
        await fixture.identity.changed(.principal(target))
        #expect(box.decide(.publish, "lamp/hall").isAllowed)
        fixture.things.state.withLock { $0.things["lamp"] = ThingFacts(name: "lamp", attributes: ["room": "cellar"]) }
        await fixture.identity.changed(.thing("lamp"))
        #expect(box.decide(.publish, "lamp/cellar").isAllowed)
        #expect(!box.decide(.publish, "lamp/hall").isAllowed)
        #expect(box.exclusiveThing == nil)
        fixture.things.state.withLock {
            $0.attachments = [:]
            $0.exclusive[target] = "other"
        }
        await fixture.identity.changed(.principal(target))
        #expect(box.decide(.publish, "other/attic").isAllowed)
        #expect(box.exclusiveThing == "other")
        fixture.things.state.withLock { $0.things["other"] = ThingFacts(name: "other", attributes: ["room": "roof"]) }
        await fixture.identity.changed(.thing("other"))
        #expect(box.decide(.publish, "other/roof").isAllowed)
        // Over HTTPS there is no client id: the exclusive thing is known, one named like the client is not (AWS IoT Developer Guide, device communication protocols).
        #expect(try await self.connect(fixture, id, clientID: nil).decide(.publish, "other/roof").isAllowed)
        fixture.things.state.withLock {
            $0.exclusive = [:]
            $0.attachments["other"] = [target]
        }
        await fixture.identity.changed(.principal(target))
        #expect(!(try await self.connect(fixture, id, clientID: nil)).decide(.publish, "other/roof").isAllowed)
    }

    @Test("a change that no connection rests on is told as such, and nothing is read for it")
    func changesOfOthers() async throws {
        let fixture = try IdentityFixture()
        let heard = Mutex<[IdentityChange]>([])
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy(
            "p", IdentityFixture.document("Allow", "iot:Publish", "topic/${iot:Connection.Thing.Attributes[room]}"))
        try await fixture.attach("p", to: id)
        fixture.things.state.withLock {
            $0.things["lamp"] = ThingFacts(name: "lamp", attributes: ["room": "hall"])
            $0.attachments["lamp"] = [.certificate(id: id)]
        }
        fixture.identity.onChange { change in heard.withLock { $0.append(change) } }
        await fixture.identity.changed(.thing("lamp"))
        let box = try await self.connect(fixture, id)
        await fixture.identity.changed(.thing("other"), .policy("q"), .roles)
        fixture.things.state.withLock { $0.things["lamp"] = ThingFacts(name: "lamp", attributes: ["room": "attic"]) }
        #expect(box.decide(.publish, "hall").isAllowed)
        await fixture.identity.changed(.thing("other"), .thing("lamp"))
        #expect(box.decide(.publish, "attic").isAllowed)
        #expect(heard.withLock { $0 } == [.othersChanged, .othersChanged, .policiesChanged])
    }

    @Test("will and persistence count for CONNECT only")
    func connectFacts() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        let document = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iot:Connect","iot:Publish"],"Resource":"*",
            "Condition":{"ForAnyValue:StringEquals":{"iot:ConnectAttributes":["LastWill"]}}}]}
            """
        try await fixture.createPolicy("p", document)
        try await fixture.attach("p", to: id)
        let box = try await self.connect(fixture, id, will: "gone")
        #expect(box.decide(.connect, "lamp").isAllowed)
        #expect(!box.decide(.publish, "a").isAllowed)
        #expect(!(try await self.connect(fixture, id)).decide(.connect, "lamp").isAllowed)
    }

    @Test("a decision that hangs on the time is not to be kept")
    func timeDependence() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        let document = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Publish","Resource":"*",
            "Condition":{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}}]}
            """
        try await fixture.createPolicy("p", document)
        try await fixture.attach("p", to: id)
        let box = try await self.connect(fixture, id)
        #expect(box.decide(.publish, "a").isAllowed)
        #expect(!box.decide(.publish, "a").isCacheable)
        fixture.clock.advance(days: 3_650)
        #expect(!box.decide(.publish, "a").isAllowed)
        #expect(box.decide(.subscribe, "a").isCacheable)
    }

    @Test("the anonymous principal goes by the configuration's documents, an access key may do everything")
    func others() async throws {
        let fixture = try IdentityFixture(anonymousPolicies: [IdentityFixture.document("Allow", "iot:Publish", "topic/${iot:ClientId}")])
        let anonymous = try await fixture.identity.authority(
            for: AuthoritySubject(principal: .anonymous, clientID: "c", sourceAddress: "127.0.0.1", isSecure: false))
        #expect(anonymous.decide(.publish, "c").isAllowed)
        #expect(!anonymous.decide(.publish, "d").isAllowed)
        let key = try await fixture.identity.authority(
            for: AuthoritySubject(principal: .accessKey(id: "AKIA"), clientID: nil, sourceAddress: "127.0.0.1"))
        #expect(key.decide("iot:DeleteConnection", resource: "client/c").isAllowed)
        #expect(throws: PolicyError.self) { try IdentityFixture(anonymousPolicies: ["{}"]) }
    }

    @Test("what the HTTPS port asks is decided on its resource")
    func otherActions() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("p", IdentityFixture.document("Allow", "iot:GetRetainedMessage", "topic/a"))
        try await fixture.attach("p", to: id)
        let box = try await self.connect(fixture, id, clientID: nil)
        #expect(box.decide("iot:GetRetainedMessage", resource: "topic/a").isAllowed)
        #expect(!box.decide("iot:ListRetainedMessages", resource: "*").isAllowed)
    }

    @Test("a connection that ended is forgotten")
    func released() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        var boxes: [ConnectionAuthorityBox] = []
        for number in 0..<100 { boxes.append(try await self.connect(fixture, id, clientID: "c\(number)")) }
        #expect(fixture.identity.live.count == 100)
        boxes.removeAll()
        #expect(fixture.identity.live.count == 0)
    }

    @Test("more connections than one read takes are all refreshed")
    func many() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("p")
        var boxes: [ConnectionAuthorityBox] = []
        for number in 0..<(2 * IdentityLimits.principalsPerRefresh + 1) {
            boxes.append(try await self.connect(fixture, id, clientID: "c\(number)"))
        }
        try await fixture.attach("p", to: id)
        #expect(boxes.allSatisfy { $0.decide(.publish, "a").isAllowed })
    }

    @Test("connections made while policies change never keep an old right")
    func racing() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("p")
        for _ in 0..<20 {
            try await fixture.attach("p", to: id)
            let boxes = try await withThrowingTaskGroup(of: ConnectionAuthorityBox?.self) { group in
                for number in 0..<8 { group.addTask { try await self.connect(fixture, id, clientID: "c\(number)") } }
                group.addTask {
                    try await fixture.call(
                        "DetachPolicy", ["policyName": "p"], body: ["target": .string(IdentityFixture.arn("cert/\(id)"))])
                    return nil
                }
                return try await group.reduce(into: [ConnectionAuthorityBox]()) { if let box = $1 { $0.append(box) } }
            }
            #expect(boxes.allSatisfy { !$0.decide(.publish, "a").isAllowed })
        }
    }

    @Test("what was read earlier does not replace what was read later")
    func tickets() throws {
        let live = LiveAuthorities()
        let box = ConnectionAuthorityBox(subject: AuthoritySubject(principal: .anonymous, clientID: nil, sourceAddress: ""), live: live)
        let first = live.nextTicket()
        let second = live.nextTicket()
        box.take(.refused("late", certificate: nil), ticket: second)
        box.take(.refused("early", certificate: nil), ticket: first)
        #expect(box.decide(.publish, "a").explanation.hasSuffix("late"))
    }

    @Test("policies that cannot be read deny, and are read again at the next change")
    func unreadable() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("p")
        try await fixture.attach("p", to: id)
        let box = try await self.connect(fixture, id)
        _ = try await fixture.store.write { try $0.execute("UPDATE identity_policy_versions SET document = 'damaged'") }
        _ = try await fixture.store.write { try $0.execute("UPDATE identity_policies SET generation_id = 'other'") }
        await fixture.identity.changed(.policy("p"))
        #expect(!box.decide(.publish, "a").isAllowed)
        #expect(box.decide(.publish, "a").explanation.contains("could not be read"))
        let repaired = IdentityFixture.document()
        _ = try await fixture.store.write { try $0.execute("UPDATE identity_policy_versions SET document = ?", [.text(repaired)]) }
        await fixture.identity.changed(.policy("p"))
        #expect(box.decide(.publish, "a").isAllowed)
    }
}
