/// Errors about the request itself, before any service sees it.
extension AWSError {
    static let missingAuthenticationToken = AWSError(
        name: "MissingAuthenticationTokenException", status: 403, message: "Missing Authentication Token")

    package static let unrecognizedClient = AWSError(
        name: "UnrecognizedClientException", status: 403, message: "The security token included in the request is invalid.")

    static let expiredToken = AWSError(
        name: "ExpiredTokenException", status: 403, message: "The security token included in the request is expired")

    static let signatureMismatch = AWSError.invalidSignature(
        """
        The request signature we calculated does not match the signature you provided. \
        Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
        """)

    static func invalidSignature(_ message: String) -> AWSError {
        AWSError(name: "InvalidSignatureException", status: 403, message: message)
    }

    static func incompleteSignature(_ message: String) -> AWSError {
        AWSError(name: "IncompleteSignatureException", status: 403, message: message)
    }

    package static func accessDenied(_ message: String) -> AWSError {
        AWSError(name: "AccessDeniedException", status: 403, message: message)
    }

    static let unknownOperation = AWSError(name: "UnknownOperationException", status: 404, message: "Not Found")

    static func unknownService(_ signingName: String) -> AWSError {
        AWSError(
            name: "UnknownOperationException", status: 404,
            message: "Roost does not offer the service that '\(signingName.prefix(64))' in the signature's credential scope names.")
    }

    package static func bodyTooLarge(limit: Int) -> AWSError {
        .requestEntityTooLarge("The request body is larger than \(limit) bytes.")
    }

    static let bodiesExhausted = AWSError(
        name: "TooManyRequestsException", status: 429, message: "Too many large requests are under way: try again in a moment.")

    /// A status that no SDK retries, and that nobody mistakes for a resource that does not exist.
    static func notOffered(operation: String, service: String) -> AWSError {
        AWSError(
            name: "UnknownOperationException", status: 400,
            message: "The operation \(operation) of \(service) is not offered by this version of Roost.")
    }

    /// A parameter that contradicts the model, in AWS's words.
    package static func constraint(_ constraint: String, value: String, at name: String) -> AWSError {
        .invalidRequest("1 validation error detected: Value \(value) at '\(name)' failed to satisfy constraint: \(constraint)")
    }
}
