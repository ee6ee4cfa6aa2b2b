import AWSAPI
import Storage

extension IdentityService {
    /// Attaches a policy; one that is attached stays so. Live authorities know it when this returns.
    func attach(policy: String, to target: PolicyTarget) async throws {
        let account = self.account
        try await self.store.write { connection in
            _ = try PolicyTable(connection: connection).required(policy)
            try Self.checkExists(target, account: account, in: connection)
            let table = AttachmentTable(connection: connection)
            guard try !table.exists(policy: policy, target: target) else { return }
            guard try table.count(target: target) < IdentityLimits.policiesPerTarget else {
                throw AWSError.limitExceeded(
                    "\(target.text(in: account)) already has the maximum number of attached policies (\(IdentityLimits.policiesPerTarget))")
            }
            try table.insert(policy: policy, target: target)
        }
        await self.changed(.principal(target))
    }

    func detach(policy: String, from target: PolicyTarget) async throws {
        let account = self.account
        try await self.store.write { connection in
            _ = try PolicyTable(connection: connection).required(policy)
            guard try AttachmentTable(connection: connection).delete(policy: policy, target: target) else {
                throw AWSError.resourceNotFound("The policy \(policy) is not attached to \(target.text(in: account))")
            }
        }
        await self.changed(.principal(target))
    }

    /// Throws ResourceNotFoundException for a certificate or group that is not here. Cognito identities are not kept here: any may exist.
    static func checkExists(_ target: PolicyTarget, account: AccountContext, in connection: any StoreConnection) throws {
        switch target {
        case .certificate(let id):
            if try CertificateTable(connection: connection).find(id) != nil { return }
        case .cognitoIdentity:
            return
        case .thingGroup:
            break
        }
        throw AWSError.resourceNotFound("The resource \(target.text(in: account)) does not exist")
    }
}
