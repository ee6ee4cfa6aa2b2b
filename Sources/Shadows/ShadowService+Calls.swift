import AWSAPI

/// The service as callers inside the program use it: the API's operations and other rooms.
extension ShadowService {
    /// - Throws: ``ShadowProblem``.
    func call(_ operation: ShadowRequest.Operation, _ key: ShadowKey, clientToken: String?, source: String) async -> ShadowOutcome {
        await withCheckedContinuation { done in
            self.submit(
                ShadowRequest(
                    key: key, operation: operation, clientToken: clientToken, source: source,
                    reply: .caller { done.resume(returning: $0) }))
        }
    }

    /// The document of a shadow as JSON text, as a get answers it; nil when there is none.
    ///
    /// - Throws: ``ShadowProblem`` when it cannot be read.
    package func document(of key: ShadowKey) async throws -> [UInt8]? {
        switch await self.call(.get, key, clientToken: nil, source: ShadowRequest.serviceSource) {
        case .found(let shadow): return ShadowMessages.document(shadow, clientToken: nil)
        case .refused(let problem) where problem.code != 404: throw problem
        default: return nil
        }
    }
}

extension Caller {
    /// How a shadow's history names who changed it.
    var historySource: String { "http:\(self.id)" }
}
