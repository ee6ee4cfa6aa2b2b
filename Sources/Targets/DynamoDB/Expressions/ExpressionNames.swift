import JSON

/// What stands for the placeholders of a request's expressions, and which of them were used.
struct ExpressionNames {
    let names: JSONObject
    let values: JSONObject
    private(set) var used: Set<String> = []

    init(names: JSONObject, values: JSONObject) throws {
        self.names = names
        self.values = try DynamoDBValue.attributes(values)
    }

    mutating func name(_ placeholder: String, kind: String) throws -> String {
        guard let name = self.names[placeholder]?.stringValue else {
            throw DynamoDBError.validation(
                "Invalid \(kind): An expression attribute name used in the document path is not defined; attribute name: \(placeholder)")
        }
        self.used.insert(placeholder)
        return name
    }

    mutating func value(_ placeholder: String, kind: String) throws -> JSONValue {
        guard let value = self.values[placeholder] else {
            throw DynamoDBError.validation(
                "Invalid \(kind): An expression attribute value used in expression is not defined; attribute value: \(placeholder)")
        }
        self.used.insert(placeholder)
        return value
    }

    /// What nobody uses is a mistake.
    func checkAllUsed() throws {
        for (kind, given) in [("Names", self.names), ("Values", self.values)] {
            let unused = given.keys.filter { !self.used.contains($0) }
            guard unused.isEmpty else {
                throw DynamoDBError.validation(
                    "Value provided in ExpressionAttribute\(kind) unused in expressions: keys: {\(unused.joined(separator: ", "))}")
            }
        }
    }
}
