import AWSAPI
import HTTPTypes
import JSON

/// Readers for what DynamoDB's operations have in common.
extension OperationInput {
    /// A table's name, or its ARN.
    func tableName(_ member: String = "TableName") throws -> String {
        try DynamoDBName.checked(try self.string(member))
    }

    /// The older parameters that expressions took the place of, and what this server has not: refused by name.
    func refuse(_ parameters: [String]) throws {
        for name in parameters where try self.value(name) != nil { throw DynamoDBError.notOffered(name) }
    }

    func attributes(_ member: String) throws -> JSONObject {
        try DynamoDBValue.attributes(try self.object(member))
    }

    func expressionNames() throws -> ExpressionNames {
        try ExpressionNames(
            names: try self.optionalObject("ExpressionAttributeNames") ?? [:],
            values: try self.optionalObject("ExpressionAttributeValues") ?? [:])
    }

    func condition(_ member: String, _ names: inout ExpressionNames) throws -> Condition? {
        guard let text = try self.optionalString(member) else { return nil }
        var parser = try ExpressionParser(text, kind: member, names: names)
        let condition = try parser.condition()
        try parser.end()
        names = parser.names
        return condition
    }

    /// The attributes that an answer is to have; nil for all.
    func projection(_ names: inout ExpressionNames) throws -> [String]? {
        guard let text = try self.optionalString("ProjectionExpression") else { return nil }
        var parser = try ExpressionParser(text, kind: "ProjectionExpression", names: names)
        var paths = [try parser.path()]
        while parser.take(",") { paths.append(try parser.path()) }
        try parser.end()
        names = parser.names
        guard paths.allSatisfy(\.steps.isEmpty) else {
            throw DynamoDBError.validation("Invalid ProjectionExpression: this version of Roost takes attributes, not places within them.")
        }
        return paths.map(\.name)
    }

    func writeGuard(_ names: inout ExpressionNames) throws -> DynamoDBWrites.Guard {
        let tells = try self.optionalWord("ReturnValuesOnConditionCheckFailure", of: ["NONE", "ALL_OLD"]) == "ALL_OLD"
        return DynamoDBWrites.Guard(condition: try self.condition("ConditionExpression", &names), tellsItem: tells)
    }

    /// Nil unless the answer is to say what the call cost.
    func capacity() throws -> DynamoDBCapacity? {
        let word = try self.optionalWord("ReturnConsumedCapacity", of: ["NONE", "TOTAL", "INDEXES"])
        return word == nil || word == "NONE" ? nil : DynamoDBCapacity()
    }
}

/// Names of tables.
enum DynamoDBName {
    private static let pattern = InputPattern("[a-zA-Z0-9_.-]+", ranges: ["az", "AZ", "09"], others: "_.-")

    static func checked(_ text: String) throws -> String {
        let marker = ":table/"
        let name = text.hasPrefix("arn:") ? text.firstRange(of: marker).map { String(text[$0.upperBound...]) } ?? text : text
        guard (3...255).contains(name.utf8.count) else {
            throw DynamoDBError.validation("TableName must be at least 3 characters long and at most 255 characters long")
        }
        guard Self.pattern.matches(name) else {
            throw AWSError.constraint(
                "Member must satisfy regular expression pattern: \(Self.pattern.text)", value: "'\(name)'", at: "tableName")
        }
        return name
    }
}

/// What a call would cost at AWS, in capacity units.
struct DynamoDBCapacity: Sendable {
    static func written(_ bytes: Int) -> Double { Double(max(1, (bytes + 1023) / 1024)) }

    static func read(_ bytes: Int, isConsistent: Bool) -> Double { Double(max(1, (bytes + 4095) / 4096)) * (isConsistent ? 1 : 0.5) }

    func described(_ table: String, _ units: Double) -> JSONValue {
        .object(["TableName": .string(table), "CapacityUnits": .decimal(JSONDecimal(units) ?? JSONDecimal(0))])
    }
}

extension JSONObject {
    /// With these attributes only; all for nil.
    func projected(to names: [String]?) -> JSONObject {
        guard let names else { return self }
        var left: JSONObject = [:]
        for name in names { left[name] = self[name] }
        return left
    }
}
