internal import JSON

/// The exceptions of the `iot`, `iot-data` and `iot-jobs-data` models, with the status that each has there.
extension AWSError {
    package static func invalidRequest(_ message: String) -> AWSError {
        AWSError(name: "InvalidRequestException", status: 400, message: message)
    }

    package static func malformedPolicy(_ message: String) -> AWSError {
        AWSError(name: "MalformedPolicyException", status: 400, message: message)
    }

    package static func sqlParse(_ message: String) -> AWSError {
        AWSError(name: "SqlParseException", status: 400, message: message)
    }

    package static func certificateValidation(_ message: String) -> AWSError {
        AWSError(name: "CertificateValidationException", status: 400, message: message)
    }

    package static func registrationCodeValidation(_ message: String) -> AWSError {
        AWSError(name: "RegistrationCodeValidationException", status: 400, message: message)
    }

    package static func resourceRegistrationFailure(_ message: String) -> AWSError {
        AWSError(name: "ResourceRegistrationFailureException", status: 400, message: message)
    }

    package static func indexNotReady(_ message: String) -> AWSError {
        AWSError(name: "IndexNotReadyException", status: 400, message: message)
    }

    package static func invalidAggregation(_ message: String) -> AWSError {
        AWSError(name: "InvalidAggregationException", status: 400, message: message)
    }

    package static func invalidQuery(_ message: String) -> AWSError {
        AWSError(name: "InvalidQueryException", status: 400, message: message)
    }

    package static func invalidResponse(_ message: String) -> AWSError {
        AWSError(name: "InvalidResponseException", status: 400, message: message)
    }

    package static func taskAlreadyExists(_ message: String) -> AWSError {
        AWSError(name: "TaskAlreadyExistsException", status: 400, message: message)
    }

    package static func validation(_ message: String) -> AWSError {
        AWSError(name: "ValidationException", status: 400, message: message)
    }

    package static func unauthorized(_ message: String) -> AWSError {
        AWSError(name: "UnauthorizedException", status: 401, message: message)
    }

    package static func serviceQuotaExceeded(_ message: String) -> AWSError {
        AWSError(name: "ServiceQuotaExceededException", status: 402, message: message)
    }

    package static func forbidden(_ message: String) -> AWSError {
        AWSError(name: "ForbiddenException", status: 403, message: message)
    }

    package static func resourceNotFound(_ message: String) -> AWSError {
        AWSError(name: "ResourceNotFoundException", status: 404, message: message)
    }

    package static func notConfigured(_ message: String) -> AWSError {
        AWSError(name: "NotConfiguredException", status: 404, message: message)
    }

    package static func methodNotAllowed(_ message: String) -> AWSError {
        AWSError(name: "MethodNotAllowedException", status: 405, message: message)
    }

    package static func certificateState(_ message: String) -> AWSError {
        AWSError(name: "CertificateStateException", status: 406, message: message)
    }

    package static func certificateConflict(_ message: String) -> AWSError {
        AWSError(name: "CertificateConflictException", status: 409, message: message)
    }

    package static func conflict(_ message: String) -> AWSError {
        AWSError(name: "ConflictException", status: 409, message: message)
    }

    package static func conflictingResourceUpdate(_ message: String) -> AWSError {
        AWSError(name: "ConflictingResourceUpdateException", status: 409, message: message)
    }

    package static func deleteConflict(_ message: String) -> AWSError {
        AWSError(name: "DeleteConflictException", status: 409, message: message)
    }

    package static func invalidStateTransition(_ message: String) -> AWSError {
        AWSError(name: "InvalidStateTransitionException", status: 409, message: message)
    }

    package static func transferConflict(_ message: String) -> AWSError {
        AWSError(name: "TransferConflictException", status: 409, message: message)
    }

    package static func versionConflict(_ message: String) -> AWSError {
        AWSError(name: "VersionConflictException", status: 409, message: message)
    }

    package static func versionsLimitExceeded(_ message: String) -> AWSError {
        AWSError(name: "VersionsLimitExceededException", status: 409, message: message)
    }

    package static func limitExceeded(_ message: String) -> AWSError {
        AWSError(name: "LimitExceededException", status: 410, message: message)
    }

    package static func transferAlreadyCompleted(_ message: String) -> AWSError {
        AWSError(name: "TransferAlreadyCompletedException", status: 410, message: message)
    }

    package static func terminalState(_ message: String) -> AWSError {
        AWSError(name: "TerminalStateException", status: 410, message: message)
    }

    package static func requestEntityTooLarge(_ message: String) -> AWSError {
        AWSError(name: "RequestEntityTooLargeException", status: 413, message: message)
    }

    package static func unsupportedDocumentEncoding(_ message: String) -> AWSError {
        AWSError(name: "UnsupportedDocumentEncodingException", status: 415, message: message)
    }

    package static func internalFailure(_ message: String) -> AWSError {
        AWSError(name: "InternalFailureException", status: 500, message: message)
    }

    package static func internalServer(_ message: String) -> AWSError {
        AWSError(name: "InternalServerException", status: 500, message: message)
    }

    package static func serviceUnavailable(_ message: String) -> AWSError {
        AWSError(name: "ServiceUnavailableException", status: 503, message: message)
    }

    package static func gatewayTimeout(_ message: String) -> AWSError {
        AWSError(name: "GatewayTimeoutException", status: 504, message: message)
    }

    /// The endpoint answers it with 429 on the data planes.
    package static func throttling(_ message: String) -> AWSError {
        AWSError(name: "ThrottlingException", status: 400, message: message)
    }

    /// - Parameters:
    ///   - resourceID: the name or id of what exists.
    ///   - resourceARN: its ARN.
    package static func resourceAlreadyExists(_ message: String, resourceID: String, resourceARN: String) -> AWSError {
        AWSError(
            name: "ResourceAlreadyExistsException", status: 409, message: message,
            extra: ["resourceId": .string(resourceID), "resourceArn": .string(resourceARN)])
    }
}
