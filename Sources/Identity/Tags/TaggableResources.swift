import AWSAPI
package import Storage
import Synchronization

/// The kinds of resources that have tags, by the word before the slash of their ARN. Each room adds its own before the server starts.
package final class TaggableResources: Sendable {
    package typealias Exists = @Sendable (_ name: String, _ connection: any StoreConnection) throws -> Bool

    private let kinds = Mutex<[String: Exists]>([:])
    private let account: AccountContext

    init(account: AccountContext) {
        self.account = account
    }

    package func add(_ kind: String, exists: @escaping Exists) {
        self.kinds.withLock { $0[kind] = exists }
    }

    /// The resource that an ARN names ("policy/Thermometers"), when it exists and can have tags.
    func resource(_ arn: String, in connection: any StoreConnection) throws -> String {
        let prefix = self.account.arn(service: "iot", "")
        guard arn.hasPrefix(prefix) else {
            throw AWSError.invalidRequest("Invalid resource ARN: \(arn.prefix(256)) is not of this account, region and service")
        }
        let resource = String(arn.dropFirst(prefix.count))
        guard let slash = resource.firstIndex(of: "/"), slash != resource.startIndex else {
            throw AWSError.invalidRequest("Invalid resource ARN: \(arn.prefix(256)) names no resource")
        }
        guard let exists = self.kinds.withLock({ $0[String(resource[..<slash])] }) else {
            throw AWSError.invalidRequest("Resources of the type \(resource[..<slash]) cannot be tagged")
        }
        guard try exists(String(resource[resource.index(after: slash)...]), connection) else {
            throw AWSError.resourceNotFound("The resource \(arn.prefix(256)) does not exist")
        }
        return resource
    }
}
