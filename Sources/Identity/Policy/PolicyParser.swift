import JSON

/// Reads and checks the text of a policy document. Messages name the place: `Statement[1].Action`.
struct PolicyParser {
    /// Document, statements, statement, condition, operator, values; one more would be an error anyway.
    private static let maxDepth = 8

    /// Documents of version 2008-10-17, which also stands where no version is given, have no variables (IAM, "Version").
    private let hasVariables: Bool

    static func statements(of text: String, maxCharacters: Int) throws(PolicyError) -> [PolicyStatement] {
        guard self.isWithin(maxCharacters, text) else {
            throw PolicyError("the document has more than \(maxCharacters) characters besides white space; split it into several policies")
        }
        let document = try self.object(try self.parse(text), at: "the document")
        try self.allowOnly(["Version", "Id", "Statement"], in: document, at: "the document")
        if let id = document["Id"], id.stringValue == nil { throw PolicyError("must be a string, not \(self.kind(id))", at: "Id") }
        let parser = PolicyParser(hasVariables: try self.hasVariables(document["Version"]))
        switch document["Statement"] {
        case .none: throw PolicyError("the document has no Statement")
        case .array(let statements)?:
            if statements.isEmpty { throw PolicyError("must have at least one statement", at: "Statement") }
            var result: [PolicyStatement] = []
            for (index, statement) in statements.enumerated() {
                result.append(try parser.statement(statement, index: index, at: "Statement[\(index)]"))
            }
            return result
        case let statement?: return [try parser.statement(statement, index: 0, at: "Statement")]
        }
    }

    private static func isWithin(_ maxCharacters: Int, _ text: String) -> Bool {
        var count = 0
        for scalar in text.unicodeScalars where !scalar.properties.isWhitespace {
            count += 1
            if count > maxCharacters { return false }
        }
        return true
    }

    private static func parse(_ text: String) throws(PolicyError) -> JSONValue {
        do throws(JSONParseError) {
            return try JSONValue(parsing: text, limits: JSONLimits(maxDepth: self.maxDepth, duplicateKeys: .reject))
        } catch {
            throw PolicyError("\(error)")
        }
    }

    private static func hasVariables(_ version: JSONValue?) throws(PolicyError) -> Bool {
        switch version {
        case nil, "2008-10-17": return false
        case "2012-10-17": return true
        case let other?: throw PolicyError("must be \"2012-10-17\" or \"2008-10-17\", not \(other)", at: "Version")
        }
    }

    // MARK: statements

    private func statement(_ value: JSONValue, index: Int, at path: String) throws(PolicyError) -> PolicyStatement {
        let object = try Self.object(value, at: path)
        if object.contains("Principal") || object.contains("NotPrincipal") {
            throw PolicyError("IoT policies have no Principal; attach the policy to a certificate or a thing group", at: path)
        }
        try Self.allowOnly(["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"], in: object, at: path)
        let (actions, isActionNegated) = try Self.either("Action", "NotAction", in: object, at: path)
        for action in actions.values { try Self.checkAction(action, at: actions.path) }
        let (resources, isResourceNegated) = try Self.either("Resource", "NotResource", in: object, at: path)
        var patterns: [PolicyPattern] = []
        for resource in resources.values { patterns.append(try self.resource(resource, at: resources.path)) }
        let conditions = try object["Condition"].map { value throws(PolicyError) in
            try self.conditions(value, at: "\(path).Condition")
        }
        return PolicyStatement(
            sid: try Self.sid(object["Sid"], at: path), index: index, effect: try Self.effect(object["Effect"], at: path),
            actions: ActionMatcher(actions.values, isNegated: isActionNegated), resources: patterns, isResourceNegated: isResourceNegated,
            conditions: conditions ?? [])
    }

    private static func sid(_ value: JSONValue?, at path: String) throws(PolicyError) -> String? {
        guard let value else { return nil }
        guard let sid = value.stringValue else { throw PolicyError("must be a string, not \(Self.kind(value))", at: "\(path).Sid") }
        return sid
    }

    private static func effect(_ value: JSONValue?, at path: String) throws(PolicyError) -> PolicyStatement.Effect {
        switch value {
        case "Allow": return .allow
        case "Deny": return .deny
        case nil: throw PolicyError("has no Effect", at: path)
        case let other?: throw PolicyError("must be \"Allow\" or \"Deny\", not \(other)", at: "\(path).Effect")
        }
    }

    /// Exactly one of an element and its negation, which is a string or an array of strings.
    private static func either(
        _ name: String, _ negation: String, in object: JSONObject, at path: String
    ) throws(PolicyError) -> (texts: (values: [String], path: String), isNegated: Bool) {
        switch (object[name], object[negation]) {
        case (nil, nil): throw PolicyError("has neither \(name) nor \(negation)", at: path)
        case (_?, _?): throw PolicyError("has both \(name) and \(negation)", at: path)
        case (let value?, nil): return ((try self.texts(value, at: "\(path).\(name)"), "\(path).\(name)"), false)
        case (nil, let value?): return ((try self.texts(value, at: "\(path).\(negation)"), "\(path).\(negation)"), true)
        }
    }

    /// `*`, or a service prefix, a colon and a name that may have wildcards.
    private static func checkAction(_ action: String, at path: String) throws(PolicyError) {
        if action == "*" { return }
        let parts = action.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let isLetter = { (byte: UInt8) in
            let lower = byte | 0x20
            return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let isValid =
            parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            && parts[0].allSatisfy { isLetter($0) || $0 == UInt8(ascii: "-") }
            && parts[1].allSatisfy { isLetter($0) || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
        if !isValid {
            throw PolicyError(
                "the action \"\(action)\" is not valid; write \"*\" or a service and a name, such as \"iot:Publish\"", at: path)
        }
    }

    /// `*` or an ARN; variables and wildcards may stand in any part.
    private func resource(_ text: String, at path: String) throws(PolicyError) -> PolicyPattern {
        let pieces = try PolicyPattern.pieces(of: text, PolicyPattern.Syntax(wildcards: true, variables: self.hasVariables))
        if text != "*" {
            let colons = pieces.reduce(0) { count, piece in
                guard case .text(let bytes) = piece else { return count }
                return count + bytes.count { $0 == UInt8(ascii: ":") }
            }
            guard text.utf8.starts(with: "arn:".utf8), colons >= PolicyARN.partCount - 1 else {
                throw PolicyError("The resource \(text) is not in valid ARN format", at: path)
            }
        }
        return PolicyPattern(pieces)
    }

    // MARK: conditions

    private func conditions(_ value: JSONValue, at path: String) throws(PolicyError) -> [PolicyCondition] {
        var conditions: [PolicyCondition] = []
        for (name, keys) in try Self.object(value, at: path) {
            let path = "\(path).\(name)"
            guard let test = ConditionOperator(name) else { throw PolicyError("there is no such condition operator", at: path) }
            for (key, value) in try Self.object(keys, at: path) {
                let place = "\(path).\(key)"
                let values = try PolicyCondition.Values(try Self.conditionTexts(value, at: place), for: test, self.hasVariables, at: place)
                conditions.append(PolicyCondition(key: PolicyVariable(key), keyName: key, test: test, values: values))
            }
        }
        return conditions.filter { !$0.isTimeDependent } + conditions.filter(\.isTimeDependent)
    }

    /// Booleans and numbers may stand without quotes.
    private static func conditionTexts(_ value: JSONValue, at path: String) throws(PolicyError) -> [String] {
        var texts: [String] = []
        for element in value.arrayValue ?? [value] {
            switch element {
            case .string(let text): texts.append(text)
            case .bool, .int, .decimal: texts.append(element.serialized())
            case .null, .array, .object: throw PolicyError("must be a string or an array of strings, not \(Self.kind(element))", at: path)
            }
        }
        return texts
    }

    // MARK: shapes

    private static func object(_ value: JSONValue, at path: String) throws(PolicyError) -> JSONObject {
        guard let object = value.objectValue else { throw PolicyError("must be an object, not \(Self.kind(value))", at: path) }
        return object
    }

    /// One string, or a non-empty array of strings.
    private static func texts(_ value: JSONValue, at path: String) throws(PolicyError) -> [String] {
        let elements = value.arrayValue ?? [value]
        if elements.isEmpty { throw PolicyError("must not be empty", at: path) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.stringValue else {
                throw PolicyError("must be a string or an array of strings, not \(Self.kind(element))", at: path)
            }
            texts.append(text)
        }
        return texts
    }

    private static func allowOnly(_ names: Set<String>, in object: JSONObject, at path: String) throws(PolicyError) {
        for (name, _) in object where !names.contains(name) {
            throw PolicyError("\"\(name)\" is not an element of it; there are \(names.sorted().joined(separator: ", "))", at: path)
        }
    }

    private static func kind(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .array, .object: "an \(value.kindName)"
        case .bool, .int, .decimal, .string: "a \(value.kindName)"
        }
    }
}
