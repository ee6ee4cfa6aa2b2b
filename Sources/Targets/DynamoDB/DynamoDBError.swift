import AWSAPI
import JSON

/// DynamoDB's errors, in its words. All have the status 400.
enum DynamoDBError {
    static func validation(_ message: String) -> AWSError { .validation(message) }

    static func tableNotFound(_ table: String) -> AWSError {
        AWSError(name: "ResourceNotFoundException", status: 400, message: "Requested resource not found: Table: \(table) not found")
    }

    static func tableInUse(_ table: String) -> AWSError {
        AWSError(name: "ResourceInUseException", status: 400, message: "Table already exists: \(table)")
    }

    static let tooManyTables = AWSError(
        name: "LimitExceededException", status: 400, message: "Subscriber limit exceeded: there are as many tables as there may be.")

    /// - Parameter item: the item that is there, for those who ask for it.
    static func conditionFailed(_ item: JSONObject?) -> AWSError {
        AWSError(
            name: "ConditionalCheckFailedException", status: 400, message: "The conditional request failed",
            extra: item.map { ["Item": .object($0)] } ?? [:])
    }

    static func notOffered(_ parameter: String) -> AWSError {
        .validation("The parameter \(parameter) is not offered by this version of Roost.")
    }

    static let keyMismatch = AWSError.validation("The provided key element does not match the schema")
    static let itemTooLarge = AWSError.validation("Item size has exceeded the maximum allowed size")
    static let itemToUpdateTooLarge = AWSError.validation("Item size to update has exceeded the maximum allowed size")
    static let nestedTooDeeply = AWSError.validation("Nesting Levels have exceeded supported limits")
}
