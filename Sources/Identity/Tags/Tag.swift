package import AWSAPI
import JSON

/// One tag of a resource: `Tag` of the model, whose members are capitalised (AWS IoT API).
package struct Tag: Sendable, Hashable {
    package let key: String
    package let value: String

    static let maxKeyCharacters = 128
    static let maxValueCharacters = 256

    /// Reads a list of tags (`[{Key, Value}]`), empty when the member is absent.
    package static func readOptionalList(_ input: OperationInput, _ name: String = "tags") throws(AWSError) -> [Tag] {
        var result: [Tag] = []
        for (index, element) in (try input.optionalArray(name) ?? []).enumerated() {
            guard let object = element.objectValue else {
                throw .invalidRequest("The value of '\(name).\(index + 1).member' must be an object")
            }
            let nested = OperationInput.nested(object)
            try Self.add(nested, to: &result)
        }
        return result
    }

    /// Reads tags out of the header `x-amz-tagging`, which has them as a query does (`a=b&c=d`).
    package static func readHeader(_ input: OperationInput, _ name: String = "x-amz-tagging") throws(AWSError) -> [Tag] {
        var result: [Tag] = []
        for item in QueryItem.parse(try input.optionalString(name, in: .header(.amzTagging)) ?? "") {
            try Self.add(.nested(["Key": .string(item.name), "Value": .string(item.value)]), to: &result)
        }
        return result
    }

    private static func add(_ input: OperationInput, to list: inout [Tag]) throws(AWSError) {
        let key = try input.string("Key", max: Self.maxKeyCharacters, pattern: .tagKey)
        let value = try input.optionalString("Value", max: Self.maxValueCharacters) ?? ""
        guard !key.lowercased().hasPrefix("aws:") else {
            throw .invalidRequest("The tag key \(key) is not allowed: keys that begin with aws: are reserved")
        }
        guard !list.contains(where: { $0.key == key }) else {
            throw .invalidRequest("The tag key \(key) is given twice")
        }
        list.append(Tag(key: key, value: value))
    }

    var json: JSONValue { ["Key": .string(self.key), "Value": .string(self.value)] }
}

extension InputPattern {
    /// Letters, digits and spaces of any script, and a few signs.
    static let tagKey = InputPattern(#"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"#) { key in
        key.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .spaceSeparator, .lineSeparator,
                .paragraphSeparator, .decimalNumber, .letterNumber, .otherNumber:
                true
            default: "_.:/=+-@".unicodeScalars.contains(scalar)
            }
        }
    }
}
