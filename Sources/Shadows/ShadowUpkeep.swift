import Logging
import Storage

extension ShadowService {
    /// How often deleted shadows are looked through whose version need not be remembered any more.
    private static let purgeInterval = Duration.seconds(600)
    /// In one transaction.
    private static let purgeBatch = 500

    /// Runs until the task is cancelled.
    package func forgetDeletedShadows() async {
        repeat {
            do {
                while try await self.purgeOnce() == Self.purgeBatch {}
            } catch {
                self.logger.warning("deleted shadows could not be cleared away; it is tried again", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: Self.purgeInterval)
        } while !Task.isCancelled
    }

    /// Returns how many were forgotten.
    func purgeOnce() async throws -> Int {
        let time = self.clock() - self.limits.tombstoneSeconds
        return try await self.store.write { try ShadowTable(connection: $0).purge(deletedBefore: time, limit: Self.purgeBatch) }
    }
}
