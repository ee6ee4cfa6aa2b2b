import Functions
import ServiceLifecycle

/// Ends instances of functions that nobody uses any more.
struct FunctionUpkeep: Service {
    let functions: FunctionService

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.functions.keepTidy() }
    }
}
