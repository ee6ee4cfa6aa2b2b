import AWSAPI
import JSON
import Storage
import Synchronization
import Testing

@testable import Identity

@Suite("Authorities that are known without asking the store")
struct AuthorityCacheTests {
    private func subject(_ certificate: String, clientID: String? = "lamp") -> AuthoritySubject {
        AuthoritySubject(principal: .certificate(id: certificate), clientID: clientID, sourceAddress: "192.0.2.7")
    }

    /// What a connection of this moment may do, whether it is at hand or has to be read.
    private func isAllowed(_ fixture: IdentityFixture, _ certificate: String, _ topic: String) async throws -> Bool {
        try await fixture.identity.authority(for: self.subject(certificate)).decide(.publish, topic).isAllowed
    }

    private func isKnown(_ fixture: IdentityFixture, _ certificate: String, clientID: String? = "lamp") -> Bool {
        fixture.identity.authorityNow(for: self.subject(certificate, clientID: clientID)) != nil
    }

    @Test("the second connection of a certificate is decided at once, as the first was")
    func known() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("p", IdentityFixture.document("Allow", "iot:Publish", "topic/${iot:ClientId}"))
        try await fixture.attach("p", to: id)
        #expect(!self.isKnown(fixture, id))
        #expect(try await self.isAllowed(fixture, id, "lamp"))
        for clientID in ["lamp", "other"] {
            let box = try #require(fixture.identity.authorityNow(for: self.subject(id, clientID: clientID)))
            #expect(box.decide(.publish, clientID).isAllowed)
            #expect(!box.decide(.publish, "elsewhere").isAllowed)
        }
        #expect(self.isKnown(fixture, id, clientID: nil))
        #expect(!self.isKnown(fixture, String(repeating: "0", count: 64)))
    }

    @Test("who does not depend on the store is always known")
    func fixed() throws {
        let fixture = try IdentityFixture()
        let anonymous = AuthoritySubject(principal: .anonymous, clientID: "c", sourceAddress: "127.0.0.1", isSecure: false)
        #expect(fixture.identity.authorityNow(for: anonymous)?.decide(.publish, "a").isAllowed == true)
    }

    @Test("each change of policies counts for the next connection")
    func policies() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        #expect(try await self.isAllowed(fixture, id, "a") == false)
        try await fixture.createPolicy("p")
        try await fixture.attach("p", to: id)
        #expect(try await self.isAllowed(fixture, id, "a"))
        try await fixture.call(
            "CreatePolicyVersion", ["policyName": "p"], query: ["setAsDefault": "true"],
            body: ["policyDocument": .string(IdentityFixture.document("Deny"))])
        #expect(try await self.isAllowed(fixture, id, "a") == false)
        try await fixture.call("SetDefaultPolicyVersion", ["policyName": "p", "policyVersionId": "1"])
        #expect(try await self.isAllowed(fixture, id, "a"))
        try await fixture.call("DetachPolicy", ["policyName": "p"], body: ["target": .string(IdentityFixture.arn("cert/\(id)"))])
        #expect(try await self.isAllowed(fixture, id, "a") == false)
    }

    @Test("a certificate that may not be used is never known")
    func status() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("p")
        try await fixture.attach("p", to: id)
        for status in ["INACTIVE", "ACTIVE", "REVOKED"] {
            #expect(try await self.isAllowed(fixture, id, "a") == (status != "ACTIVE"))
            try await fixture.call("UpdateCertificate", ["certificateId": id], query: ["newStatus": status])
            #expect(!self.isKnown(fixture, id))
            #expect(fixture.identity.deviceCertificateNow(fingerprint: id) == nil)
        }
        #expect(try await self.isAllowed(fixture, id, "a") == false)
        #expect(!self.isKnown(fixture, id))
    }

    @Test("a connection whose authority was at hand goes by later changes as any other")
    func refreshed() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        try await fixture.createPolicy("p")
        try await fixture.attach("p", to: id)
        #expect(try await self.isAllowed(fixture, id, "a"))
        let box = try #require(fixture.identity.authorityNow(for: self.subject(id)))
        #expect(box.decide(.publish, "a").isAllowed)
        try await fixture.call("DetachPolicy", ["policyName": "p"], body: ["target": .string(IdentityFixture.arn("cert/\(id)"))])
        #expect(!box.decide(.publish, "a").isAllowed)
        // The refresh has read it for those that come.
        let next = try #require(fixture.identity.authorityNow(for: self.subject(id)))
        #expect(!next.decide(.publish, "a").isAllowed)
    }

    private func withThing(exclusive: Bool) async throws -> (IdentityFixture, certificate: String) {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        let topic = "topic/${iot:Connection.Thing.Attributes[room]}"
        try await fixture.createPolicy("p", IdentityFixture.document("Allow", "iot:Publish", topic))
        try await fixture.attach("p", to: id)
        fixture.things.state.withLock {
            $0.things["lamp"] = ThingFacts(name: "lamp", attributes: ["room": "attic"])
            if exclusive { $0.exclusive[.certificate(id: id)] = "lamp" } else { $0.attachments["lamp"] = [.certificate(id: id)] }
        }
        await fixture.identity.changed(.principal(.certificate(id: id)))
        return (fixture, id)
    }

    @Test("a thing's attributes count as they are now", arguments: [false, true])
    func thingAttributes(exclusive: Bool) async throws {
        let (fixture, id) = try await self.withThing(exclusive: exclusive)
        #expect(try await self.isAllowed(fixture, id, "attic"))
        #expect(self.isKnown(fixture, id))
        fixture.things.state.withLock { $0.things["lamp"]?.attributes = ["room": "cellar"] }
        await fixture.identity.changed(.thing("lamp"))
        #expect(!self.isKnown(fixture, id))
        #expect(try await self.isAllowed(fixture, id, "cellar"))
        #expect(try await self.isAllowed(fixture, id, "attic") == false)
        #expect(self.isKnown(fixture, id))
    }

    @Test("a thing that is detached, deleted and made anew is not taken for the old one")
    func recreatedThing() async throws {
        let (fixture, id) = try await self.withThing(exclusive: false)
        #expect(try await self.isAllowed(fixture, id, "attic"))
        let target = PolicyTarget.certificate(id: id)
        fixture.things.state.withLock { $0.attachments["lamp"] = [] }
        await fixture.identity.changed(.principal(target))
        #expect(try await self.isAllowed(fixture, id, "attic") == false)
        fixture.things.state.withLock {
            $0.things["lamp"] = ThingFacts(name: "lamp", attributes: ["room": "cellar"])
            $0.attachments["lamp"] = [target]
        }
        await fixture.identity.changed(.principal(target))
        #expect(try await self.isAllowed(fixture, id, "cellar"))
        #expect(try await self.isAllowed(fixture, id, "attic") == false)
    }

    @Test("with a thing attached, each client id is known by itself, and only so many")
    func clientIDs() async throws {
        let (fixture, id) = try await self.withThing(exclusive: false)
        #expect(try await self.isAllowed(fixture, id, "attic"))
        #expect(!self.isKnown(fixture, id, clientID: "c0"))
        for number in 0..<IdentityLimits.cachedClientsPerCertificate {
            let box = try await fixture.identity.authority(for: self.subject(id, clientID: "c\(number)"))
            #expect(!box.decide(.publish, "attic").isAllowed)
            #expect(self.isKnown(fixture, id, clientID: "c\(number)"))
        }
        #expect(!self.isKnown(fixture, id))
        #expect(try await self.isAllowed(fixture, id, "attic"))
    }

    @Test(
        "what was read before a change is not kept after it",
        arguments: [AuthorityScope.policy("p"), .thing("t"), .principal(.certificate(id: "c"))])
    func stale(_ change: AuthorityScope) {
        let cache = AuthorityCache(capacity: 10)
        let found = AuthorityCache.Found(policies: PolicySet(), certificate: nil, thing: ConnectionThing())
        let epoch = cache.epoch
        cache.forget(change)
        cache.insert(found, for: "c", clientID: nil, hasThings: false, readAt: epoch)
        #expect(cache.find("c", clientID: nil) == nil)
        cache.insert(found, for: "c", clientID: nil, hasThings: false, readAt: cache.epoch)
        #expect(cache.find("c", clientID: nil) != nil)
    }
}
