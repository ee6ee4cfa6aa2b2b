import JSON

/// The error documents that Lambda itself writes.
enum FunctionErrorDocument {
    static func bytes(type: String, message: String) -> [UInt8] {
        JSONValue.object(["errorType": .string(type), "errorMessage": .string(message)]).serializedBytes()
    }
}
