/// An IoT policy document, checked and compiled (AWS IoT developer guide, "AWS IoT Core policies").
package struct PolicyDocument: Sendable {
    /// Characters without white space (AWS IoT Core quotas, "Policy document size").
    package static let maxCharacters = 2048

    /// As it was given.
    package let text: String
    let allows: [PolicyStatement]
    let denies: [PolicyStatement]

    init(text: String, statements: [PolicyStatement]) {
        self.text = text
        self.allows = statements.filter { $0.effect == .allow }
        self.denies = statements.filter { $0.effect == .deny }
    }

    /// `maxCharacters` counts Unicode scalars without white space.
    package init(parsing text: String, maxCharacters: Int = Self.maxCharacters) throws(PolicyError) {
        self.init(text: text, statements: try PolicyParser.statements(of: text, maxCharacters: maxCharacters))
    }

    /// Everyone may do everything: what the plain listener's clients get unless the configuration says otherwise.
    package static let allowAll = PolicyDocument(
        text: #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        statements: [
            PolicyStatement(
                sid: nil, index: 0, effect: .allow, actions: ActionMatcher(["*"], isNegated: false),
                resources: [PolicyPattern([.text([WildcardMatcher.anyRun])])], isResourceNegated: false, conditions: [])
        ])
}
