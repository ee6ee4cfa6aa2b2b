import AWSAPI
import JSON

/// The function whose ARN a path has.
struct FunctionResourceInput: OperationDecodable {
    let arn: String

    init(_ input: OperationInput) throws { self.arn = try input.string("Resource", in: .label, max: 256) }
}

/// `GET /2017-03-31/tags/{Resource}`.
struct ListFunctionTags: AWSOperation {
    static let route = OperationRoute(.lambda, "ListTags", "GET", "/2017-03-31/tags/{Resource}")

    let functions: FunctionService

    func handle(_ input: FunctionResourceInput, _ context: OperationContext) async throws -> JSONObject {
        let record = try await self.functions.find(try FunctionName(input.arn, account: self.functions.account))
        return ["Tags": .object(FunctionRecord.object(record.tags))]
    }
}

/// `POST /2017-03-31/tags/{Resource}`.
struct TagFunction: AWSOperation {
    static let route = OperationRoute(.lambda, "TagResource", "POST", "/2017-03-31/tags/{Resource}", status: 204)

    let functions: FunctionService

    struct Input: OperationDecodable {
        let resource: FunctionResourceInput
        let tags: [String: String]

        init(_ input: OperationInput) throws {
            self.resource = try FunctionResourceInput(input)
            self.tags = try input.stringMap("Tags", maxCount: FunctionLimits.maxTags)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let name = try FunctionName(input.resource.arn, account: self.functions.account)
        _ = try await self.functions.change(name, isNewRevision: false) { record in
            record.tags.merge(input.tags) { _, new in new }
            guard record.tags.count <= FunctionLimits.maxTags else {
                throw AWSError.invalidParameter("A function has at most \(FunctionLimits.maxTags) tags.")
            }
        }
        return EmptyOutput()
    }
}

/// `DELETE /2017-03-31/tags/{Resource}?tagKeys=`.
struct UntagFunction: AWSOperation {
    static let route = OperationRoute(.lambda, "UntagResource", "DELETE", "/2017-03-31/tags/{Resource}", status: 204)

    let functions: FunctionService

    struct Input: OperationDecodable {
        let resource: FunctionResourceInput
        let keys: [String]

        init(_ input: OperationInput) throws {
            self.resource = try FunctionResourceInput(input)
            self.keys = input.queryValues("tagKeys")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let name = try FunctionName(input.resource.arn, account: self.functions.account)
        _ = try await self.functions.change(name, isNewRevision: false) { record in
            for key in input.keys { record.tags[key] = nil }
        }
        return EmptyOutput()
    }
}
