/// One compiled statement. A class, so that going through the statements of a document copies one reference each.
final class PolicyStatement: Sendable {
    enum Effect: Sendable, Hashable {
        case allow
        case deny
    }

    let sid: String?
    /// Place in the document, from 0.
    let index: Int
    let effect: Effect
    let actions: ActionMatcher
    /// `Resource`, or with `isResourceNegated` the `NotResource`.
    let resources: [PolicyPattern]
    let isResourceNegated: Bool
    /// Those that ask for the time are last, so that only a decision that hangs on the time says so.
    let conditions: [PolicyCondition]

    init(
        sid: String?, index: Int, effect: Effect, actions: ActionMatcher, resources: [PolicyPattern], isResourceNegated: Bool,
        conditions: [PolicyCondition]
    ) {
        self.sid = sid
        self.index = index
        self.effect = effect
        self.actions = actions
        self.resources = resources
        self.isResourceNegated = isResourceNegated
        self.conditions = conditions
    }

    func matches(
        _ action: PolicyAction, _ resource: WildcardMatcher.Bytes, _ context: PolicyContext, _ evaluation: inout PolicyEvaluation
    ) -> Bool {
        guard self.actions.matches(action), self.matchesResource(resource, context, &evaluation) else { return false }
        for condition in self.conditions {
            if condition.isTimeDependent { evaluation.dependsOnTime = true }
            guard condition.holds(context, &evaluation) else { return false }
        }
        return true
    }

    /// A variable without a value takes part in no match, neither of a Resource nor, being unknown, of what a NotResource leaves out.
    private func matchesResource(
        _ resource: WildcardMatcher.Bytes, _ context: PolicyContext, _ evaluation: inout PolicyEvaluation
    ) -> Bool {
        var isUndefined = false
        // By index, because iterating copies each pattern.
        for index in self.resources.indices {
            if self.resources[index].isTimeDependent { evaluation.dependsOnTime = true }
            switch self.resources[index].matches(resource, context, &evaluation) {
            case .yes: return !self.isResourceNegated
            case .no: break
            case .undefined: isUndefined = true
            }
        }
        return self.isResourceNegated && !isUndefined
    }
}
