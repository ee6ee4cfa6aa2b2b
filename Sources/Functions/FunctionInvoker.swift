import AWSAPI
import Storage

/// Finds a function and runs it; once more when it was changed in between.
struct FunctionInvoker: Sendable {
    /// Each more than the first needs a change of the function at the very moment.
    private static let maxTries = 100

    let store: any Store
    let account: AccountContext
    let pool: FunctionPool

    /// - Throws: ResourceNotFoundException.
    func find(_ name: String) async throws -> FunctionRecord {
        let found = try await self.store.read { try FunctionTable(connection: $0).find(name) }
        guard let found else { throw AWSError.functionNotFound(self.account.functionARN(name)) }
        return found
    }

    /// - Throws: ResourceNotFoundException, TooManyRequestsException, ServiceException.
    func invoke(
        _ name: String, payload: [UInt8], requestID: String, clientContext: String? = nil
    ) async throws -> FunctionResult {
        var record = try await self.find(name)
        for _ in 0..<Self.maxTries {
            do {
                return try await self.pool.invoke(record, payload: payload, requestID: requestID, clientContext: clientContext)
            } catch is FunctionPool.Outdated {
                record = try await self.find(name)
            } catch let error as AWSError where error.status >= 500 {
                // The code that could not be started may have been replaced or deleted.
                let newest = try await self.find(name)
                guard newest.codeID != record.codeID else { throw error }
                record = newest
            }
        }
        throw AWSError.rateExceeded()
    }
}
