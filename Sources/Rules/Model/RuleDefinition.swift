import AWSAPI
import JSON

/// A topic rule as CreateTopicRule takes it (AWS IoT Developer Guide, rules), checked and compiled.
struct RuleDefinition: Sendable {
    let name: String
    /// As it came: what was not given stays absent, which Terraform relies on.
    let payload: JSONObject
    let statement: SQLStatement
    let actions: [any RuleAction]
    let errorAction: (any RuleAction)?
    let isDisabled: Bool
    /// Whether anybody asks for a message's trace id.
    let needsTrace: Bool

    /// - Throws: SqlParseException, InvalidRequestException.
    init(name: String, payload: JSONObject, actions catalog: ActionCatalog) throws(AWSError) {
        let input = OperationInput.nested(payload)
        self.name = name
        self.payload = payload
        let statement = try Self.statement(input)
        self.statement = statement
        self.isDisabled = try input.bool("ruleDisabled")
        _ = try input.optionalString("description")
        guard let list = try input.optionalArray("actions") else {
            throw .invalidRequest("The rule needs a list of actions.")
        }
        guard list.count <= RulesLimits.maxActions else {
            throw .invalidRequest("A rule has at most \(RulesLimits.maxActions) actions; this one has \(list.count).")
        }
        var actions: [any RuleAction] = []
        for (i, value) in list.enumerated() { actions.append(try catalog.action(value, at: "actions.\(i + 1).member", in: statement)) }
        self.actions = actions
        // Templates may ask for it too, wherever they stand.
        self.needsTrace = payload["errorAction"] != nil || payload.description.lowercased().contains("traceid")
        self.errorAction =
            if let value = try input.value("errorAction") { try catalog.action(value, at: "errorAction", in: statement) } else { nil }
    }

    /// Confirmation URLs of the destinations that its actions need.
    var destinationURLs: [String] {
        var urls: [String] = []
        for action in self.actions + [self.errorAction].compactMap({ $0 }) {
            urls += action.destinationURLs.filter { !urls.contains($0) }
        }
        return urls
    }

    private static func statement(_ input: OperationInput) throws(AWSError) -> SQLStatement {
        let sql = try input.string("sql")
        let name = try input.optionalString("awsIotSqlVersion") ?? SQLVersion.v2015.rawValue
        guard let version = SQLVersion(rawValue: name) else {
            throw .invalidRequest(
                "The SQL version \(name) is not known. There are \(SQLVersion.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        do {
            let statement = try SQLStatement(parsing: sql, version: version)
            if let name = statement.externalFunctions.first(where: RuleExternalFunctions.unsupported.contains) {
                throw AWSError.invalidRequest("The function \(name) is not supported by Roost.")
            }
            return statement
        } catch let error as SQLError {
            throw .sqlParse("\(error)")
        } catch let error as AWSError {
            throw error
        } catch {
            throw .internalFailure("\(error)")
        }
    }
}
