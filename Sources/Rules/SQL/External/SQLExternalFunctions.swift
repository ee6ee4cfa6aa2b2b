package import JSON

/// The functions that leave the process. The rules engine is given one of these; the language itself does no I/O.
package protocol SQLExternalFunctions: Sendable {
    /// The answer of a call; nil is Undefined. What it throws fails the evaluation with the error's description, unless
    /// `get_or_default` stands around the call.
    func answer(_ call: SQLExternalCall) async throws -> JSONValue?
}

/// A call of a function that leaves the process, with its arguments' values. Within one message a call is made once.
package enum SQLExternalCall: Sendable, Hashable {
    /// `aws_lambda`: a synchronous invocation.
    case lambda(functionARN: String, payload: SQLLambdaPayload)
    /// `get_thing_shadow`; the classic shadow when `shadow` is nil.
    case thingShadow(thing: String, shadow: String?, roleARN: String)
    /// `get_dynamodb`. Key values are strings or numbers.
    case dynamoDBItem(table: String, partitionKey: SQLItemKey, sortKey: SQLItemKey?, roleARN: String)
    /// `get_secret`; `key` picks a member of a secret that is JSON.
    case secret(id: String, type: SQLSecretType, key: String?, roleARN: String)
    /// `get_registry_data`.
    case registryData(api: SQLRegistryAPI, thing: String, roleARN: String)
    /// `machinelearning_predict`. Values of nested arrays and objects are JSON text.
    case prediction(modelID: String, roleARN: String, record: JSONObject)
    /// `decode(…, 'proto', …)`.
    case protobuf(message: [UInt8], bucket: String, key: String, file: String, type: String)

    /// As it is written in a statement.
    package var functionName: String { self.function.functionName }

    var function: ExternalFunction {
        switch self {
        case .lambda: .lambda
        case .thingShadow: .thingShadow
        case .dynamoDBItem: .dynamoDBItem
        case .secret: .secret
        case .registryData: .registryData
        case .prediction: .prediction
        case .protobuf: .decodeProtobuf
        }
    }
}

package enum SQLLambdaPayload: Sendable, Hashable {
    case json(JSONValue)
    /// `aws_lambda(arn, *)`: the message's payload as it came.
    case raw([UInt8])
}

package struct SQLItemKey: Sendable, Hashable {
    package let name: String
    package let value: JSONValue
}

package enum SQLSecretType: String, Sendable {
    case string = "SecretString"
    case binary = "SecretBinary"
}

package enum SQLRegistryAPI: String, Sendable {
    case describeThing = "DescribeThing"
    case listThingGroupsForThing = "ListThingGroupsForThing"
}
