package import JSON

/// Readers for structures, maps and lists in the JSON body.
extension OperationInput {
    package func optionalObject(_ name: String) throws(AWSError) -> JSONObject? {
        guard let value = try self.value(name) else { return nil }
        guard case .object(let object) = value else { throw Self.wrongType(name, value, expected: "an object") }
        return object
    }

    package func object(_ name: String) throws(AWSError) -> JSONObject {
        try Self.required(name, self.optionalObject(name))
    }

    package func optionalArray(_ name: String, maxCount: Int = .max) throws(AWSError) -> [JSONValue]? {
        guard let value = try self.value(name) else { return nil }
        guard case .array(let array) = value else { throw Self.wrongType(name, value, expected: "a list") }
        guard array.count <= maxCount else {
            throw .constraint(
                "Member must have length less than or equal to \(maxCount)", value: Self.quoted(value.serialized()), at: name)
        }
        return array
    }

    /// A list of texts, each within the constraints.
    package func optionalStringList(
        _ name: String, maxCount: Int = .max, max: Int = .max, pattern: InputPattern? = nil
    ) throws(AWSError) -> [String]? {
        guard let array = try self.optionalArray(name, maxCount: maxCount) else { return nil }
        var list: [String] = []
        for (index, element) in array.enumerated() {
            let place = "\(name).\(index + 1).member"
            guard case .string(let text) = element else { throw Self.wrongType(place, element, expected: "a string") }
            try Self.check(text, place, min: 0, max: max, pattern: pattern)
            list.append(text)
        }
        return list
    }

    package func stringList(
        _ name: String, maxCount: Int = .max, max: Int = .max, pattern: InputPattern? = nil
    ) throws(AWSError) -> [String] {
        try Self.required(name, self.optionalStringList(name, maxCount: maxCount, max: max, pattern: pattern))
    }

    /// A map of texts to texts; nil when absent.
    package func optionalStringMap(_ name: String, maxCount: Int = .max) throws(AWSError) -> [String: String]? {
        guard let object = try self.optionalObject(name) else { return nil }
        return try Self.stringMap(object, name, maxCount: maxCount)
    }

    package func stringMap(_ name: String, maxCount: Int = .max) throws(AWSError) -> [String: String] {
        try Self.required(name, self.optionalStringMap(name, maxCount: maxCount))
    }

    /// The same for an object further inside; `name` is its path in messages ("attributePayload.attributes").
    package static func stringMap(_ object: JSONObject, _ name: String, maxCount: Int = .max) throws(AWSError) -> [String: String] {
        guard object.count <= maxCount else {
            throw .constraint(
                "Member must have length less than or equal to \(maxCount)",
                value: Self.quoted(JSONValue.object(object).serialized()), at: name)
        }
        var map: [String: String] = [:]
        for (key, value) in object {
            guard case .string(let text) = value else { throw Self.wrongType("\(name).\(key)", value, expected: "a string") }
            map[key] = text
        }
        return map
    }

    /// The JSON body's members as an input of their own, for nested structures: the same readers work on them.
    package static func nested(_ object: JSONObject) -> OperationInput {
        OperationInput(body: object)
    }
}
