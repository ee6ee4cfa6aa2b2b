/// The functions that leave the process, and what a statement must give them. AWS wants ARNs as literals: they say in advance what a
/// rule may touch.
enum ExternalFunction: String {
    case lambda = "aws_lambda"
    case thingShadow = "get_thing_shadow"
    case dynamoDBItem = "get_dynamodb"
    case secret = "get_secret"
    case registryData = "get_registry_data"
    case prediction = "machinelearning_predict"
    case decodeProtobuf = "decode proto"

    /// Nil for other functions, and for `decode` from base64.
    init?(_ function: SQLFunction, argumentCount: Int) {
        if function.name == "decode" && argumentCount > 2 {
            self = .decodeProtobuf
        } else {
            self.init(rawValue: function.name)
        }
    }

    var functionName: String { self == .decodeProtobuf ? "decode" : self.rawValue }

    /// AWS ends a rule that makes a second such call.
    var isOncePerStatement: Bool { self == .dynamoDBItem || self == .registryData }

    private var usage: String {
        switch self {
        case .lambda: "aws_lambda(\"functionArn\", value)"
        case .thingShadow: "get_thing_shadow(thing, [shadow,] \"roleArn\")"
        case .dynamoDBItem: "get_dynamodb(table, partitionKey, value, [sortKey, value,] \"roleArn\")"
        case .secret: "get_secret(id, \"SecretString\" or \"SecretBinary\", [key,] \"roleArn\")"
        case .registryData: "get_registry_data(\"DescribeThing\" or \"ListThingGroupsForThing\", thing, \"roleArn\")"
        case .prediction: "machinelearning_predict(modelId, \"roleArn\", record)"
        case .decodeProtobuf: "decode(value, 'proto', bucket, key, file, messageType)"
        }
    }

    private var counts: [Int] {
        switch self {
        case .lambda: [2]
        case .thingShadow: [2, 3]
        case .dynamoDBItem: [4, 6]
        case .secret: [3, 4]
        case .registryData, .prediction: [3]
        case .decodeProtobuf: [6]
        }
    }

    private func arnPosition(count: Int) -> Int? {
        switch self {
        case .lambda: 0
        case .thingShadow, .dynamoDBItem, .secret, .registryData: count - 1
        case .prediction: 1
        case .decodeProtobuf: nil
        }
    }

    /// What is wrong with a call, as the continuation of "expected …"; nil when nothing is.
    func problem(with arguments: [Expression]) -> String? {
        guard self.counts.contains(arguments.count) else { return self.usage }
        if let position = self.arnPosition(count: arguments.count) {
            guard let arn = Self.literal(arguments[position]), arn.utf8.starts(with: "arn:".utf8) else {
                return self.usage + ", where the ARN is a literal"
            }
        }
        switch self {
        case .secret where !Self.isLiteral(arguments[1], { SQLSecretType(rawValue: $0) != nil }),
            .registryData where !Self.isLiteral(arguments[0], { SQLRegistryAPI(rawValue: $0) != nil }),
            .decodeProtobuf where !Self.isLiteral(arguments[1], { $0.lowercased() == "proto" }):
            return self.usage
        default: return nil
        }
    }

    static func literal(_ expression: Expression) -> String? {
        if case .literal(.string(let text)) = expression { text } else { nil }
    }

    private static func isLiteral(_ expression: Expression, _ isGood: (String) -> Bool) -> Bool {
        self.literal(expression).map(isGood) ?? false
    }
}
