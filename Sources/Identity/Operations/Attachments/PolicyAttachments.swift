import AWSAPI
package import Storage

extension IdentityService {
    /// Attaches a policy; one that is attached stays so. Live authorities know it when this returns.
    func attach(policy: String, to target: PolicyTarget) async throws {
        let account = self.account
        try await self.store.write { connection in
            _ = try PolicyTable(connection: connection).required(policy)
            try self.checkExists(target, in: connection)
            let table = AttachmentTable(connection: connection)
            guard try !table.exists(policy: policy, target: target) else { return }
            guard try table.count(target: target) < target.maxPolicies else {
                throw AWSError.limitExceeded(
                    "\(target.text(in: account)) already has the maximum number of attached policies (\(target.maxPolicies))")
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
    func checkExists(_ target: PolicyTarget, in connection: any StoreConnection) throws {
        switch target {
        case .certificate(let id):
            if try CertificateTable(connection: connection).find(id) != nil { return }
        case .cognitoIdentity:
            return
        case .thingGroup(let name):
            if let group = try self.things.lineage(ofGroup: name, in: connection) {
                guard !group.isDynamic else {
                    throw AWSError.invalidRequest("\(name) is a dynamic thing group: policies can be attached to static ones only")
                }
                return
            }
        }
        throw AWSError.resourceNotFound("The resource \(target.text(in: self.account)) does not exist")
    }

    /// What was attached to a group, and its tags, go with it.
    package static func forget(_ target: PolicyTarget, in connection: any StoreConnection) throws {
        try AttachmentTable(connection: connection).deleteAll(target: target)
        try TagTable(connection: connection).deleteAll(on: target.key)
    }
}

extension PolicyTarget {
    /// Policies that can be attached to it (AWS IoT Core quotas).
    fileprivate var maxPolicies: Int {
        if case .thingGroup = self { IdentityLimits.policiesPerGroup } else { IdentityLimits.policiesPerTarget }
    }
}
