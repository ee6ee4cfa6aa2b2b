import AWSAPI
import JSON

/// The errors of Lambda's API. Each carries who is to blame, as Lambda's do.
extension AWSError {
    private static func lambda(_ name: String, _ status: Int, _ message: String) -> AWSError {
        var extra: JSONObject = ["Type": .string(status < 500 ? "User" : "Service")]
        // The model writes this member with a capital in these two, and strictly typed SDKs read no other.
        if ["ResourceNotFoundException", "ServiceException"].contains(name) { extra["Message"] = .string(message) }
        return AWSError(name: name, status: status, message: message, extra: extra)
    }

    static func cannotStart(_ function: String, _ cause: any Error) -> AWSError {
        .lambda("ServiceException", 500, "The function \(function) cannot be started: \(cause)")
    }

    static func invalidParameter(_ message: String) -> AWSError { .lambda("InvalidParameterValueException", 400, message) }

    static func functionNotFound(_ arn: String) -> AWSError { .lambda("ResourceNotFoundException", 404, "Function not found: \(arn)") }

    static func functionExists(_ name: String) -> AWSError { .lambda("ResourceConflictException", 409, "Function already exist: \(name)") }

    static func resourceConflict(_ message: String) -> AWSError { .lambda("ResourceConflictException", 409, message) }

    static func lambdaNotFound(_ message: String) -> AWSError { .lambda("ResourceNotFoundException", 404, message) }

    static func revisionMismatch() -> AWSError {
        .lambda(
            "PreconditionFailedException", 412,
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
        )
    }

    static func rateExceeded() -> AWSError { .lambda("TooManyRequestsException", 429, "Rate Exceeded.") }

    static func payloadTooLarge(_ bytes: Int, limit: Int) -> AWSError {
        .lambda("RequestTooLargeException", 413, "\(bytes) byte payload is too large for the operation (limit \(limit) bytes)")
    }

    static func zipTooLarge(limit: Int) -> AWSError {
        .lambda("RequestEntityTooLargeException", 413, "The zip file must have at most \(limit) bytes.")
    }

    static func codeStorageExceeded(_ message: String) -> AWSError { .lambda("CodeStorageExceededException", 400, message) }

    static func invalidContent(_ message: String) -> AWSError { .lambda("InvalidRequestContentException", 400, message) }

    static func invokeDenied(_ principal: String, _ arn: String) -> AWSError {
        .lambda(
            "AccessDeniedException", 403,
            "\(principal) is not authorized to perform: lambda:InvokeFunction on resource: \(arn) because no resource-based policy allows the "
                + "lambda:InvokeFunction action. Allow it with AddPermission.")
    }
}
