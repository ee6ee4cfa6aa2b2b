import Registry
import ServiceLifecycle

/// Brings changes of other rooms into the search index while the server runs.
struct IndexUpkeep: Service {
    let registry: RegistryService

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.registry.keepIndex() }
    }
}
