import JSON

/// Functions that leave the process: each makes a call of its arguments' values. Counts and literals were checked when the statement
/// was read. An argument that is Undefined, or of a type that cannot be meant, makes Undefined without a call.
enum ExternalFunctions {
    static let all: [SQLFunction] = [
        SQLFunction(special: "aws_lambda", 2...2) { evaluation, call throws(EvaluationStop) in
            guard let arn = ExternalFunction.literal(call.arguments[0]) else { return .undefined }
            if call.arguments[1] == .star && evaluation.frames.isEmpty {
                return try evaluation.answer(.lambda(functionARN: arn, payload: .raw(evaluation.message.payload)))
            }
            guard let payload = try evaluation.value(of: call.arguments[1]).json else { return .undefined }
            return try evaluation.answer(.lambda(functionARN: arn, payload: .json(payload)))
        },
        SQLFunction("get_thing_shadow", 2...3, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            guard let texts = try Self.texts(arguments, &evaluation) else { return .undefined }
            return try evaluation.answer(
                .thingShadow(thing: texts[0], shadow: texts.count == 3 ? texts[1] : nil, roleARN: texts[texts.count - 1]))
        },
        SQLFunction("get_dynamodb", 4...6, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            guard let table = try evaluation.text(arguments[0]), let partition = try Self.key(arguments[1], arguments[2], &evaluation),
                let role = try evaluation.text(arguments[arguments.count - 1])
            else { return .undefined }
            var sort: SQLItemKey?
            if arguments.count == 6 {
                guard let key = try Self.key(arguments[3], arguments[4], &evaluation) else { return .undefined }
                sort = key
            }
            return try evaluation.answer(.dynamoDBItem(table: table, partitionKey: partition, sortKey: sort, roleARN: role))
        },
        SQLFunction("get_secret", 3...4, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            guard let texts = try Self.texts(arguments, &evaluation), let type = SQLSecretType(rawValue: texts[1]) else {
                return .undefined
            }
            return try evaluation.answer(
                .secret(id: texts[0], type: type, key: texts.count == 4 ? texts[2] : nil, roleARN: texts[texts.count - 1]))
        },
        SQLFunction("get_registry_data", 3...3, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            guard let texts = try Self.texts(arguments, &evaluation), let api = SQLRegistryAPI(rawValue: texts[0]) else {
                return .undefined
            }
            return try evaluation.answer(.registryData(api: api, thing: texts[1], roleARN: texts[2]))
        },
        SQLFunction("machinelearning_predict", 3...3) { evaluation, arguments throws(EvaluationStop) in
            guard let model = try evaluation.text(arguments[0]), let role = try evaluation.text(arguments[1]),
                case .object(let record) = arguments[2]
            else { return .undefined }
            return try evaluation.answer(.prediction(modelID: model, roleARN: role, record: try Self.flattened(record, &evaluation)))
        },
    ]

    /// `decode(value, 'proto', bucket, key, file, type)`; the value is the message in base64.
    static func decodeProtobuf(_ evaluation: inout Evaluation, _ call: Call) throws(EvaluationStop) -> SQLValue {
        guard call.arguments.count == 6 else { return .undefined }
        var values: [SQLValue] = []
        for argument in call.arguments { values.append(try evaluation.value(of: argument)) }
        guard let texts = try self.texts(values, &evaluation) else { return .undefined }
        guard let message = Base64.decode(texts[0]) else { return .null }
        return try evaluation.answer(.protobuf(message: message, bucket: texts[2], key: texts[3], file: texts[4], type: texts[5]))
    }

    private static func texts(_ values: [SQLValue], _ evaluation: inout Evaluation) throws(EvaluationStop) -> [String]? {
        var texts: [String] = []
        for value in values {
            guard let text = try evaluation.text(value) else { return nil }
            texts.append(text)
        }
        return texts
    }

    /// A key of DynamoDB is a string or a number.
    private static func key(
        _ name: SQLValue, _ value: SQLValue, _ evaluation: inout Evaluation
    ) throws(EvaluationStop) -> SQLItemKey? {
        guard let name = try evaluation.text(name), let json = value.json else { return nil }
        switch json {
        case .string, .int, .decimal: return SQLItemKey(name: name, value: json)
        case .null, .bool, .array, .object: return nil
        }
    }

    /// Amazon Machine Learning knows no nesting: what nests goes as its JSON text.
    private static func flattened(_ record: JSONObject, _ evaluation: inout Evaluation) throws(EvaluationStop) -> JSONObject {
        var result = JSONObject()
        for (key, value) in record {
            switch value {
            case .array, .object: result.updateValue(.string(try evaluation.text(SQLValue(value)) ?? ""), forKey: key)
            case .null, .bool, .int, .decimal, .string: result.updateValue(value, forKey: key)
            }
        }
        return result
    }
}
