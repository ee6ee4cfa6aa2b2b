import AWSAPI
import JSON

/// The tags of a target whose records are in the log: kept with what its service knows of it.
enum LogTags {
    static let maxCount = 50
    private static let member = "tags"

    /// Tags as SNS and Firehose have them in requests: a list of keys and values.
    static func list(_ input: OperationInput, _ name: String = "Tags") throws(AWSError) -> [String: String] {
        var tags: [String: String] = [:]
        for value in try input.optionalArray(name, maxCount: Self.maxCount) ?? [] {
            guard let key = value["Key"]?.stringValue, !key.isEmpty else {
                throw .invalidRequest("\(name) holds objects with a Key and a Value.")
            }
            tags[key] = value["Value"]?.stringValue ?? ""
        }
        return tags
    }

    static func tags(of attributes: JSONObject) -> [String: String] {
        (attributes[Self.member]?.objectValue ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.stringValue }
    }

    /// Changes tags in the attributes of a target.
    ///
    /// - Throws: the service's InvalidRequestException when there are too many.
    static func change(_ attributes: inout JSONObject, adding: [String: String] = [:], removing: [String] = []) throws(AWSError) {
        let tags = Self.tags(of: attributes).merging(adding) { $1 }.filter { !removing.contains($0.key) }
        guard tags.count <= Self.maxCount else { throw .invalidRequest("There are at most \(Self.maxCount) tags.") }
        attributes[Self.member] =
            tags.isEmpty ? nil : .object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    /// As all answers have them.
    static func described(_ attributes: JSONObject) -> JSONValue {
        .array(Self.tags(of: attributes).sorted { $0.key < $1.key }.map { ["Key": .string($0.key), "Value": .string($0.value)] })
    }
}
