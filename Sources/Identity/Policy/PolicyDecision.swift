/// What is asked: may this be done, to this, by whom the context describes.
package struct PolicyRequest: Sendable {
    package var action: PolicyAction
    /// A full ARN, such as `arn:aws:iot:us-east-1:000000000000:topic/a/b`, or `*` for actions without a resource.
    package var resource: String
    package var context: PolicyContext

    package init(action: PolicyAction, resource: String, context: PolicyContext) {
        self.action = action
        self.resource = resource
        self.context = context
    }
}

/// The statement that decided, for the log and for TestAuthorization.
package struct StatementReference: Sendable, Hashable, CustomStringConvertible {
    package var policyName: String
    package var policyVersion: String
    /// Place in the document, from 0.
    package var index: Int
    package var sid: String?

    package init(policyName: String, policyVersion: String, index: Int, sid: String? = nil) {
        self.policyName = policyName
        self.policyVersion = policyVersion
        self.index = index
        self.sid = sid
    }

    package var description: String {
        "policy \(self.policyName) version \(self.policyVersion) statement \(self.index + 1)" + (self.sid.map { " (\($0))" } ?? "")
    }
}

package struct PolicyDecision: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case allowed(by: StatementReference)
        case explicitDeny(by: StatementReference)
        /// No statement allows it. The variables and condition keys are those that an Allow asked for and that have no value.
        case implicitDeny(missingVariables: [String])
    }

    package let outcome: Outcome
    /// Asked again later, the same request may be decided otherwise; do not keep the answer.
    package let isTimeDependent: Bool

    package var isAllowed: Bool {
        if case .allowed = self.outcome { true } else { false }
    }
}

extension PolicyDecision: CustomStringConvertible {
    /// For the log: who is denied wants to know by what.
    package var description: String {
        switch self.outcome {
        case .allowed(let statement): return "allowed by \(statement)"
        case .explicitDeny(let statement): return "denied by \(statement)"
        case .implicitDeny(let missing) where missing.isEmpty: return "no statement allows it"
        case .implicitDeny(let missing): return "no statement allows it; unknown here: \(missing.joined(separator: ", "))"
        }
    }
}

/// All that TestAuthorization tells about a request.
package struct PolicyExplanation: Sendable {
    package var decision: PolicyDecision
    /// Every statement that allows it.
    package var allowing: [StatementReference]
    /// Every statement that denies it.
    package var denying: [StatementReference]
    /// Policies without a matching statement.
    package var silentPolicies: [String]
    /// Variables and condition keys that any statement asked for and that have no value.
    package var missingVariables: [String]
}
