import Identity

/// Short ways to say a policy and a question.
enum PolicyFixture {
    static let arn = "arn:aws:iot:us-east-1:123456789012:"

    /// A document of one statement; `Resource` texts that do not begin with `arn:` get the account's prefix.
    static func document(
        effect: String = "Allow", action: String = "iot:Publish", resource: [String] = ["*"], condition: String? = nil,
        version: String = "2012-10-17"
    ) throws -> PolicyDocument {
        let resources = resource.map { $0 == "*" || $0.hasPrefix("arn:") ? $0 : self.arn + $0 }.map { "\"\($0)\"" }.joined(separator: ",")
        let tail = condition.map { ",\"Condition\":\($0)" } ?? ""
        return try PolicyDocument(
            parsing: """
                {"Version":"\(version)","Statement":[{"Effect":"\(effect)","Action":"\(action)","Resource":[\(resources)]\(tail)}]}
                """)
    }

    static func set(_ documents: PolicyDocument...) -> PolicySet {
        PolicySet(documents.enumerated().map { PolicySet.Entry(name: "p\($0.offset + 1)", version: "1", document: $0.element) })
    }

    static func set(_ texts: [String]) throws -> PolicySet {
        PolicySet(
            try texts.enumerated().map {
                PolicySet.Entry(name: "p\($0.offset + 1)", version: "1", document: try PolicyDocument(parsing: $0.element))
            })
    }
}

extension PolicySet {
    func allows(_ action: PolicyAction = .publish, _ resource: String, _ context: PolicyContext = PolicyContext()) -> Bool {
        self.decide(action, resource.hasPrefix("arn:") || resource == "*" ? resource : PolicyFixture.arn + resource, context).isAllowed
    }

    func missing(_ action: PolicyAction = .publish, _ resource: String, _ context: PolicyContext = PolicyContext()) -> [String]? {
        let decision = self.decide(action, PolicyFixture.arn + resource, context)
        guard case .implicitDeny(let missing) = decision.outcome else { return nil }
        return missing
    }
}
