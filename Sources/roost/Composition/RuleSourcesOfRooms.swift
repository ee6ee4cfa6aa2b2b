import JSON
import Registry
import Rules
import Shadows

/// What SQL functions of rules ask of other rooms.
struct RuleSourcesOfRooms: RuleSources {
    let shadows: ShadowService
    let registry: RegistryService

    func shadowDocument(thing: String, shadow: String?) async throws -> [UInt8]? {
        try await self.shadows.document(of: ShadowKey(thing: thing, name: shadow))
    }

    func thingDescription(_ thing: String) async throws -> JSONObject? { try await self.registry.description(of: thing) }
}
