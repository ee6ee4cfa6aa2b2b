extension Parser {
    /// `SET @a = …, @b = …`; each variable is known to those behind it.
    mutating func variables() throws(SQLError) -> [VariableDefinition] {
        guard self.token.isWord(.set) else { return [] }
        try self.needModern("SET")
        self.advance()
        var variables: [VariableDefinition] = []
        repeat {
            let variable = try self.variable()
            variables.append(variable)
            self.scope.variables.append(variable.name)
        } while self.skip(.comma)
        return variables
    }

    private mutating func variable() throws(SQLError) -> VariableDefinition {
        guard case .variable(let name) = self.token.kind else { throw self.failure("a variable (@name)") }
        if name.unicodeScalars.count > SQLLimits.maxVariableNameLength {
            throw self.failure("a name of at most \(SQLLimits.maxVariableNameLength) characters")
        }
        if self.scope.variables.contains(name) { throw self.failure("a new name: variables are set once") }
        if self.scope.variables.count >= SQLLimits.maxVariables { throw self.failure("no more than \(SQLLimits.maxVariables) variables") }
        self.advance()
        try self.expect(.equal)
        return VariableDefinition(name: name, value: try self.expression())
    }
}
