package import AWSAPI
import JSON
import Storage

extension IdentityService {
    /// Whether a caller may call an operation. The account's own keys may call everything; temporary credentials what their role allows.
    ///
    /// - Throws: AccessDeniedException, in AWS's words.
    package func authorize(_ caller: Caller, _ route: OperationRoute, _ input: OperationInput, from address: String?) async throws {
        guard case .accessKey(let id) = caller, id.hasPrefix(TemporarySession.keyPrefix) else { return }
        // Everybody may ask who they are (AWS STS, GetCallerIdentity).
        if route.service.name == "sts", route.name == "GetCallerIdentity" { return }
        let resource = CallResource(of: route, input, in: self.account)
        let now = self.clock
        let (session, decision) = try await self.store.read { connection -> (TemporarySession?, Bool) in
            guard let session = try TemporarySessionTable(connection: connection).find(id) else { return (nil, false) }
            let context = PolicyContext(
                sourceIP: address, additional: session.contextValues, now: { now().milliseconds })
            let policies = try RolePolicies(connection: connection).policies(of: session.role)
            return (session, policies.allows(route.policyAction, resource, context))
        }
        guard let session else { throw AWSError.unrecognizedClient }
        guard decision else {
            let name: String
            if case .named(let arn) = resource { name = arn } else { name = "*" }
            throw AWSError.accessDenied(
                "User: \(session.arn(in: self.account)) is not authorized to perform: \(route.policyAction.name) on resource: \(name)"
                    + " because no policy of the role \(session.role) allows it")
        }
    }
}

extension PolicySet {
    fileprivate func allows(_ action: PolicyAction, _ resource: CallResource, _ context: PolicyContext) -> Bool {
        switch resource {
        case .named(let arn): return self.decide(action, arn, context).isAllowed
        case .unknown:
            var evaluation = PolicyEvaluation()
            let isDenied = self.documents.contains { entry in
                entry.document.denies.contains { $0.mayMatchAnyResource(action, context, &evaluation) }
            }
            return !isDenied && self.decide(action, "*", context).isAllowed
        }
    }
}

extension PolicyStatement {
    /// Whether it matches a request for some resource.
    fileprivate func mayMatchAnyResource(_ action: PolicyAction, _ context: PolicyContext, _ evaluation: inout PolicyEvaluation) -> Bool {
        guard self.actions.matches(action) else { return false }
        return self.conditions.allSatisfy { $0.holds(context, &evaluation) }
    }
}
