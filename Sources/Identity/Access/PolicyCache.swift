import Storage
import Synchronization

/// Compiled policy documents, so that a policy that many devices share is compiled once.
///
/// A version's text never changes, and a policy that is made anew has a new generation id: an entry cannot become stale.
final class PolicyCache: Sendable {
    struct Key: Hashable, Sendable {
        let generationID: String
        let version: Int64
    }

    private let documents = Mutex(TwoGenerationCache<Key, PolicyDocument>(capacity: IdentityLimits.cachedPolicies))

    /// The compiled default version of a policy, read and compiled when it is not at hand.
    func defaultDocument(of policy: PolicyRecord, in connection: any StoreConnection) throws -> PolicyDocument {
        let key = Key(generationID: policy.generationID, version: policy.defaultVersion)
        if let document = self.documents.withLock({ $0.find(key) }) { return document }
        guard let version = try PolicyTable(connection: connection).version(policy.defaultVersion, of: policy.name) else {
            throw StoreError.corrupt(path: nil, what: "the default version of the policy \(policy.name) is missing")
        }
        let document = try PolicyDocument(parsing: version.document)
        self.documents.withLock { $0.insert(document, for: key) }
        return document
    }
}
