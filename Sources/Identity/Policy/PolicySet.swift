/// The policies that count for one principal at one time (reference: "Policy evaluation logic" of the IAM user guide).
package struct PolicySet: Sendable {
    package struct Entry: Sendable {
        package var name: String
        package var version: String
        package var document: PolicyDocument

        package init(name: String, version: String, document: PolicyDocument) {
            self.name = name
            self.version = version
            self.document = document
        }
    }

    package var documents: [Entry]

    package init(_ documents: [Entry] = []) { self.documents = documents }

    /// With the documents of another set that this one does not have by name.
    func adding(_ other: PolicySet) -> PolicySet {
        guard !other.documents.isEmpty else { return self }
        var result = self
        for entry in other.documents where !self.documents.contains(where: { $0.name == entry.name }) { result.documents.append(entry) }
        return result
    }

    /// An explicit Deny anywhere wins; otherwise any Allow allows; otherwise the request is denied.
    package func decide(_ request: PolicyRequest) -> PolicyDecision { self.decide(request.action, request.resource, request.context) }

    /// The same without putting a request together.
    package func decide(_ action: PolicyAction, _ resource: String, _ context: PolicyContext) -> PolicyDecision {
        var resource = resource
        return resource.withUTF8 { self.decide(action, $0, context) }
    }

    private func decide(_ action: PolicyAction, _ resource: WildcardMatcher.Bytes, _ context: PolicyContext) -> PolicyDecision {
        var evaluation = PolicyEvaluation()
        // By index, because iterating copies each entry.
        for index in self.documents.indices {
            for statement in self.documents[index].document.denies where statement.matches(action, resource, context, &evaluation) {
                let reference = self.documents[index].reference(statement)
                return PolicyDecision(outcome: .explicitDeny(by: reference), isTimeDependent: evaluation.dependsOnTime)
            }
        }
        // What a Deny could not find out is not why nothing allows the request.
        evaluation.missing = []
        for index in self.documents.indices {
            for statement in self.documents[index].document.allows where statement.matches(action, resource, context, &evaluation) {
                let reference = self.documents[index].reference(statement)
                return PolicyDecision(outcome: .allowed(by: reference), isTimeDependent: evaluation.dependsOnTime)
            }
        }
        return PolicyDecision(
            outcome: .implicitDeny(missingVariables: evaluation.missing), isTimeDependent: evaluation.dependsOnTime)
    }

    /// Decides, and looks at every statement to tell all that matched.
    package func explain(_ request: PolicyRequest) -> PolicyExplanation {
        var explanation = PolicyExplanation(
            decision: self.decide(request), allowing: [], denying: [], silentPolicies: [], missingVariables: [])
        var evaluation = PolicyEvaluation()
        var resource = request.resource
        resource.withUTF8 { bytes in
            for entry in self.documents {
                let matches = { (statement: PolicyStatement) in statement.matches(request.action, bytes, request.context, &evaluation) }
                let denying = entry.document.denies.filter(matches)
                let allowing = entry.document.allows.filter(matches)
                explanation.denying += denying.map(entry.reference)
                explanation.allowing += allowing.map(entry.reference)
                if denying.isEmpty && allowing.isEmpty { explanation.silentPolicies.append(entry.name) }
            }
        }
        explanation.missingVariables = evaluation.missing
        return explanation
    }
}

extension PolicySet.Entry {
    fileprivate func reference(_ statement: PolicyStatement) -> StatementReference {
        StatementReference(policyName: self.name, policyVersion: self.version, index: statement.index, sid: statement.sid)
    }
}
