import AWSAPI
import HTTPTypes
import JSON
import NIOCore

/// `lambda`: invokes a function without waiting for its answer (Lambda Invoke, type Event).
struct LambdaAction: RuleAction {
    static let key = "lambda"
    static let failureName = "LambdaAction"

    private let function: SubstitutionTemplate
    private let services: ActionServices
    let resource: String
    let concurrency = ActionBatch.parallelCalls

    init(_ fields: ActionFields) throws(AWSError) {
        self.resource = try fields.input.string("functionArn")
        self.function = try fields.template("functionArn")
        self.services = fields.services
        if self.function.isConstant, LambdaCall.region(of: self.resource) == nil {
            throw .invalidRequest("functionArn: \(self.resource) is not the ARN of a Lambda function.")
        }
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await self.services.deliverEach(items) { item in
            let arn = try await item.text(self.function)
            guard case .json = item.output.body else {
                throw ActionProblem("The result is not JSON, which is all that a Lambda function takes.")
            }
            return try LambdaCall.request(arn, payload: item.bytes, type: .event)
        }
    }
}

/// An Invoke call of Lambda, as the action and the function aws_lambda() make it.
enum LambdaCall {
    enum InvocationType: String {
        case event = "Event"
        case requestResponse = "RequestResponse"
    }

    /// - Throws: ``ActionProblem`` for what is not a function's ARN.
    static func request(_ arn: String, payload: [UInt8], type: InvocationType) throws(ActionProblem) -> ServiceRequest {
        guard let region = Self.region(of: arn) else {
            throw ActionProblem("\"\(arn.prefix(256))\" is not the ARN of a Lambda function.")
        }
        var request = ServiceRequest(service: "lambda", operation: "Invoke")
        request.target = "/2015-03-31/functions/\(ServiceRequest.label(arn))/invocations"
        request.headers[.contentType] = "application/json"
        if let name = HTTPField.Name("X-Amz-Invocation-Type") { request.headers[name] = type.rawValue }
        request.body = ByteBuffer(bytes: payload)
        request.region = region
        return request
    }

    /// `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME`, perhaps with a version or an alias; nil for anything else.
    static func region(of arn: String) -> String? {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard (7...8).contains(parts.count), parts[0] == "arn", parts[2] == "lambda", parts[5] == "function", !parts[3].isEmpty,
            !parts[6].isEmpty
        else { return nil }
        return String(parts[3])
    }
}
