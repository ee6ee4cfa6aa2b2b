import ServiceLifecycle
import Shadows

/// Clears deleted shadows away while the server runs.
struct ShadowUpkeep: Service {
    let shadows: ShadowService

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.shadows.forgetDeletedShadows() }
    }
}
