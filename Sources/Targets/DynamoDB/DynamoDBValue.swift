import Foundation
import JSON

/// DynamoDB's attribute values in their JSON form (`{"S": "text"}`), checked and in one form for each value: equal values are equal JSON.
enum DynamoDBValue {
    /// The kinds, by their names.
    static let types: Set<String> = ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]

    /// The kind of a checked value and what it holds.
    static func parts(_ value: JSONValue) -> (type: String, content: JSONValue) {
        guard case .object(let object) = value, let member = object.first(where: { _ in true }) else { return ("NULL", true) }
        return (member.key, member.value)
    }

    // MARK: Checking

    /// The attributes of an item or a map.
    static func attributes(_ object: JSONObject, level: Int = 0) throws -> JSONObject {
        var checked: JSONObject = [:]
        checked.reserveCapacity(object.count)
        for (name, value) in object {
            guard name.utf8.count <= 65_535 else {
                throw DynamoDBError.validation("Attribute name is too large, must be less than 65536 bytes")
            }
            checked[name] = try Self.checked(value, level: level)
        }
        return checked
    }

    static func checked(_ value: JSONValue, level: Int = 0) throws -> JSONValue {
        guard level <= DynamoDBLimits.maxNesting else { throw DynamoDBError.nestedTooDeeply }
        guard case .object(let object) = value, let (type, content) = object.first(where: { _ in true }) else {
            throw DynamoDBError.validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
        }
        guard object.count == 1 else {
            throw DynamoDBError.validation(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
        }
        let wrong = DynamoDBError.validation(
            "Supplied AttributeValue has the datatype \(type.prefix(16)), and its value is of another kind")
        let result: JSONValue
        switch (type, content) {
        case ("S", .string), ("BOOL", .bool): result = content
        case ("NULL", .bool(let isNull)):
            guard isNull else {
                throw DynamoDBError.validation(
                    "One or more parameter values were invalid: Null attribute value types must have the value of true")
            }
            result = content
        case ("N", .string(let text)): result = .string(try DynamoDBNumber(text).text)
        case ("B", .string(let text)): result = .string(try Self.binary(text))
        case ("L", .array(let items)): result = .array(try items.map { try Self.checked($0, level: level + 1) })
        case ("M", .object(let members)): result = .object(try Self.attributes(members, level: level + 1))
        case ("SS", .array(let items)), ("NS", .array(let items)), ("BS", .array(let items)): result = .array(try Self.set(type, items))
        default:
            guard Self.types.contains(type) else {
                throw DynamoDBError.validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
            }
            throw wrong
        }
        return .object([type: result])
    }

    private static func binary(_ text: String) throws -> String {
        guard let data = Data(base64Encoded: text) else {
            throw DynamoDBError.validation("Supplied AttributeValue is not base64: \(text.prefix(64))")
        }
        return data.base64EncodedString()
    }

    /// In the order of the bytes, so that equal sets are equal.
    private static func set(_ type: String, _ items: [JSONValue]) throws -> [JSONValue] {
        guard !items.isEmpty else {
            throw DynamoDBError.validation(
                "One or more parameter values were invalid: An \(Self.setNames[type] ?? "") set  may not be empty")
        }
        let texts = try items.map { item in
            guard case .string(let text) = item else { throw DynamoDBError.validation("A member of a set is no text") }
            return type == "NS" ? try DynamoDBNumber(text).text : type == "BS" ? try Self.binary(text) : text
        }
        let sorted = texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard zip(sorted, sorted.dropFirst()).allSatisfy({ !$0.utf8.elementsEqual($1.utf8) }) else {
            throw DynamoDBError.validation("One or more parameter values were invalid: Input collection contains duplicates.")
        }
        return sorted.map(JSONValue.string)
    }

    private static let setNames = ["SS": "string", "NS": "number", "BS": "binary"]

    // MARK: Size

    /// As AWS counts it (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
    static func size(of item: JSONObject) -> Int { item.reduce(0) { $0 + $1.key.utf8.count + Self.size(of: $1.value) } }

    static func size(of value: JSONValue) -> Int {
        switch Self.parts(value) {
        case ("S", .string(let text)): text.utf8.count
        case ("N", .string(let text)): Self.numberSize(text)
        case ("B", .string(let text)): text.utf8.count / 4 * 3
        case ("L", .array(let items)): 3 + items.reduce(0) { $0 + 1 + Self.size(of: $1) }
        case ("M", .object(let members)): 3 + members.count + Self.size(of: members)
        case ("SS", .array(let items)), ("BS", .array(let items)): items.reduce(0) { $0 + ($1.stringValue?.utf8.count ?? 0) }
        case ("NS", .array(let items)): items.reduce(0) { $0 + Self.numberSize($1.stringValue ?? "") }
        default: 1
        }
    }

    private static func numberSize(_ text: String) -> Int { (try? DynamoDBNumber(text))?.size ?? 1 }

    // MARK: Comparing

    /// Bytes that sort as values of this kind do; nil for kinds without order.
    static func sortable(_ value: JSONValue) -> [UInt8]? {
        switch Self.parts(value) {
        case ("S", .string(let text)): Array(text.utf8)
        case ("N", .string(let text)): (try? DynamoDBNumber(text))?.sortable
        case ("B", .string(let text)): Data(base64Encoded: text).map(Array.init)
        default: nil
        }
    }

    /// Whether one is before the other; nil for kinds that differ or have no order.
    static func precedes(_ left: JSONValue, _ right: JSONValue) -> Bool? {
        guard Self.parts(left).type == Self.parts(right).type, let one = Self.sortable(left), let two = Self.sortable(right) else {
            return nil
        }
        return one.lexicographicallyPrecedes(two)
    }

    // MARK: Showing

    /// The value as the JSON that it came from; binary as base64.
    static func plain(_ value: JSONValue) -> JSONValue {
        switch Self.parts(value) {
        case ("N", .string(let text)): (try? JSONValue(parsing: text)) ?? .string(text)
        case ("NULL", _): .null
        case ("L", .array(let items)): .array(items.map(Self.plain))
        case ("M", .object(let members)): .object(Self.plain(members))
        case ("NS", .array(let items)): .array(items.map { item in item.stringValue.flatMap { try? JSONValue(parsing: $0) } ?? item })
        case (_, let content): content
        }
    }

    static func plain(_ item: JSONObject) -> JSONObject {
        JSONObject(item.map { ($0.key, Self.plain($0.value)) })
    }
}
