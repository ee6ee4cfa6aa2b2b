internal import JSON

/// S3's names for what goes wrong before an operation runs: they are older than those of the other services.
extension AWSError {
    var asS3Says: AWSError {
        guard let (name, status) = Self.namesInS3[self.name] else { return self }
        let isSkewed = self.name == "InvalidSignatureException" && self.message.hasPrefix("Signature expired")
        return AWSError(name: isSkewed ? "RequestTimeTooSkewed" : name, status: status, message: self.message, extra: self.extra)
    }

    private static let namesInS3: [String: (String, Int)] = [
        "MissingAuthenticationTokenException": ("AccessDenied", 403),
        "IncompleteSignatureException": ("AuthorizationHeaderMalformed", 400),
        "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
        "UnrecognizedClientException": ("InvalidAccessKeyId", 403),
        "ExpiredTokenException": ("ExpiredToken", 400),
        "AccessDeniedException": ("AccessDenied", 403),
        "InvalidRequestException": ("InvalidArgument", 400),
        "RequestEntityTooLargeException": ("EntityTooLarge", 400),
        "InternalFailureException": ("InternalError", 500),
        "ServiceUnavailableException": ("SlowDown", 503),
    ]
}
