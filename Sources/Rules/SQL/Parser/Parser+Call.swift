import JSON

extension Parser {
    /// `name(arguments)`. Wrong counts are no error, as in AWS: the value is Undefined. Functions that leave the process are checked.
    mutating func call(_ name: String) throws(SQLError) -> Expression {
        let nameToken = self.token
        let lowercased = name.lowercased()
        try self.enter()
        defer { self.leave() }
        self.advance()
        self.advance()
        if lowercased == "cast" { return try self.cast() }
        guard let function = FunctionTable.functions[lowercased] else {
            throw self.failure("the name of a function\(Self.hint(lowercased))", at: nameToken)
        }
        if function.isModern { try self.needModern("\(function.name)()", at: nameToken) }
        let arguments = try self.arguments()
        try self.checkExternal(function, arguments, at: nameToken)
        let prepared = function.prepare?(arguments)
        if let problem = prepared?.problem {
            self.needs.warnings.append("\(function.name)() is always Undefined here: \(problem)")
        }
        return .call(Call(function: function, arguments: arguments, prepared: prepared))
    }

    /// Up to the closing parenthesis, which is consumed.
    private mutating func arguments() throws(SQLError) -> [Expression] {
        var arguments: [Expression] = []
        if self.skip(.close) { return arguments }
        repeat {
            let isStar = self.token.kind == .symbol(.star)
            if isStar { self.advance() }
            arguments.append(isStar ? self.star() : try self.expression())
        } while self.skip(.comma)
        try self.expect(.close, "an operator, ',' or ')'")
        return arguments
    }

    private mutating func cast() throws(SQLError) -> Expression {
        let value = try self.expression()
        try self.expect(.as, "an operator or AS")
        guard case .word(let name) = self.token.kind, let type = CastType(name: name, version: self.version) else {
            throw self.failure(self.version.isModern ? "String, Int, Decimal or Boolean" : "String, Int or Double")
        }
        self.advance()
        try self.expect(.close)
        return .cast(value, type)
    }

    private mutating func checkExternal(_ function: SQLFunction, _ arguments: [Expression], at token: Token) throws(SQLError) {
        guard let external = ExternalFunction(function, argumentCount: arguments.count) else { return }
        if let problem = external.problem(with: arguments) { throw self.failure(problem, at: token) }
        self.needs.call(external: external.rawValue)
        guard external == .decodeProtobuf else { return }
        self.needs.protobufDecodes += 1
        if self.needs.protobufDecodes > SQLLimits.maxProtobufDecodes {
            throw self.failure("no more than \(SQLLimits.maxProtobufDecodes) calls of decode(…, 'proto', …)", at: token)
        }
    }

    /// Names that people bring from other dialects.
    private static func hint(_ name: String) -> String {
        switch name {
        case "len", "char_length": " (length?)"
        case "coalesce", "ifnull", "nvl": " (get_or_default?)"
        case "now", "current_timestamp": " (timestamp?)"
        case "uuid": " (newuuid?)"
        case "substr": " (substring?)"
        case "pow": " (power?)"
        case "ceiling": " (ceil?)"
        default: ""
        }
    }
}
