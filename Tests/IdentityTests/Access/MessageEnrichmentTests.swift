import Synchronization
import Testing

@testable import Identity

@Suite("What a thing's type adds to the messages of its connections")
struct MessageEnrichmentTests {
    private let lamp = ThingFacts(
        name: "lamp", typeName: "light", attributes: ["room": "hall"],
        propagations: [
            .init(key: "r", source: .thingAttribute("room")), .init(key: "none", source: .thingAttribute("colour")),
            .init(key: "c", source: .clientID), .init(key: "t", source: .thingName),
        ])

    @Test("attributes, the client id and the thing's name; what is not there is left out")
    func values() {
        #expect(
            self.lamp.userProperties(clientID: "a")
                == [UserProperty(name: "r", value: "hall"), UserProperty(name: "c", value: "a"), UserProperty(name: "t", value: "lamp")])
        #expect(self.lamp.userProperties(clientID: nil).map(\.name) == ["r", "t"])
    }

    @Test("a change of the type reaches the connections of its things, and later ones")
    func changes() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        fixture.things.state.withLock { state in
            state.things["lamp"] = self.lamp
            state.attachments["lamp"] = [.certificate(id: id)]
        }
        func box(_ clientID: String) async throws -> ConnectionAuthorityBox {
            try await fixture.identity.authority(
                for: AuthoritySubject(principal: .certificate(id: id), clientID: clientID, sourceAddress: "192.0.2.7"))
        }
        let live = try await box("lamp")
        let other = try await box("other")
        #expect(live.userProperties.map(\.name) == ["r", "c", "t"])
        #expect(other.userProperties.isEmpty)
        fixture.things.state.withLock { $0.things["lamp"]?.propagations = [.init(key: "new", source: .thingName)] }
        await fixture.identity.changed(.thingType("heater"))
        #expect(live.userProperties.map(\.name) == ["r", "c", "t"])
        await fixture.identity.changed(.thingType("light"))
        #expect(live.userProperties == [UserProperty(name: "new", value: "lamp")])
        #expect(other.userProperties.isEmpty)
        #expect(try await box("lamp").userProperties.map(\.name) == ["new"])
    }
}
