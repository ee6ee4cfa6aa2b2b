import Foundation
import JSON

/// JSON as DynamoDB's AttributeValue: numbers as `N`, texts as `S`, objects as `M`, arrays as `L`, null as `NULL`.
enum DynamoDBValue {
    static func of(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null: .object(["NULL": .bool(true)])
        case .bool(let bool): .object(["BOOL": .bool(bool)])
        case .string(let text): .object(["S": .string(text)])
        case .array(let items): .object(["L": .array(items.map(Self.of))])
        case .object(let object): .object(["M": .object(Self.attributes(of: object))])
        case .int, .decimal: .object(["N": .string(value.serialized())])
        }
    }

    /// The members of an object as attributes.
    static func attributes(of object: JSONObject) -> JSONObject {
        var attributes: JSONObject = [:]
        for (key, value) in object { attributes[key] = Self.of(value) }
        return attributes
    }

    static func binary(_ bytes: [UInt8]) -> JSONValue { .object(["B": .string(Data(bytes).base64EncodedString())]) }
}
