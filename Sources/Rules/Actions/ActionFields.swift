import AWSAPI

/// The fields of an action as they came, read with the constraints of AWS's model.
struct ActionFields {
    let input: OperationInput
    /// The rule's: templates are in its dialect and know its variables.
    let statement: SQLStatement
    let services: ActionServices

    /// A field that takes substitution templates.
    func template(_ name: String, unescapesDollar: Bool = false) throws(AWSError) -> SubstitutionTemplate {
        guard let template = try self.optionalTemplate(name, unescapesDollar: unescapesDollar) else {
            throw .invalidRequest("The action's field \(name) is missing.")
        }
        return template
    }

    func optionalTemplate(_ name: String, unescapesDollar: Bool = false) throws(AWSError) -> SubstitutionTemplate? {
        guard let text = try self.input.optionalString(name) else { return nil }
        return try self.template(text, of: name, unescapesDollar: unescapesDollar)
    }

    func template(_ text: String, of name: String, unescapesDollar: Bool = false) throws(AWSError) -> SubstitutionTemplate {
        let template: SubstitutionTemplate
        do {
            template = try SubstitutionTemplate(parsing: text, in: self.statement, unescapesDollar: unescapesDollar)
        } catch {
            throw .invalidRequest("The substitution template in \(name) is wrong: \(error)")
        }
        if let function = template.externalFunctions.first(where: RuleExternalFunctions.unsupported.contains) {
            throw .invalidRequest("The function \(function) in \(name) is not supported by Roost.")
        }
        return template
    }

    /// `roleArn` has to be there and an ARN, as in AWS. What a rule may do is not limited by a role here.
    func checkRole() throws(AWSError) {
        let role = try self.input.string("roleArn", max: 2048)
        guard role.hasPrefix("arn:") else { throw .invalidRequest("roleArn: \(role) is not the ARN of a role.") }
    }

    /// The fields of a structure inside the action.
    func nested(_ name: String) throws(AWSError) -> ActionFields? {
        guard let object = try self.input.optionalObject(name) else { return nil }
        return ActionFields(input: .nested(object), statement: self.statement, services: self.services)
    }
}
