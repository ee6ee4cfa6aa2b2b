package import AWSAPI

extension AWSService {
    /// SDKs since 2023 speak JSON with it; errors still carry the codes of its query protocol.
    package static let sqs = AWSService(
        name: "sqs", signingNames: ["sqs"], wire: .json(targetPrefix: "AmazonSQS", version: "1.0"),
        invalidRequestName: "InvalidParameterValue")
}

/// The errors of SQS's model. All are answered with 400.
extension AWSError {
    /// - Parameter code: of the query protocol, where it is not the name.
    static func sqs(_ name: String, code: String? = nil, _ message: String) -> AWSError {
        AWSError(name: name, status: 400, message: message, queryCode: code ?? name)
    }

    static let noQueue = AWSError.sqs(
        "QueueDoesNotExist", code: "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")

    static func receiptHandle(_ handle: String) -> AWSError {
        .sqs("ReceiptHandleIsInvalid", "The input receipt handle \"\(handle.prefix(128))\" is not a valid receipt handle.")
    }

    static func sqsParameter(_ name: String, _ value: some CustomStringConvertible, _ reason: String) -> AWSError {
        .sqs("InvalidParameterValue", "Value \(value.description.prefix(256)) for parameter \(name) is invalid. Reason: \(reason)")
    }

    static func sqsUnsupported(_ message: String) -> AWSError {
        .sqs("UnsupportedOperation", code: "AWS.SimpleQueueService.UnsupportedOperation", message)
    }

    /// The errors of batches have a prefix in the query protocol.
    static func sqsBatch(_ name: String, _ message: String) -> AWSError {
        .sqs(name, code: "AWS.SimpleQueueService.\(name)", message)
    }
}
