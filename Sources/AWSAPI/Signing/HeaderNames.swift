package import HTTPTypes

extension HTTPField.Name {
    /// The names are constants that are valid header names, so the fallback is never taken; it exists because a trap must not.
    private static func constant(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .userAgent
    }

    package static let amzDate = constant("X-Amz-Date")
    package static let amzSecurityToken = constant("X-Amz-Security-Token")
    package static let amzContentSHA256 = constant("X-Amz-Content-Sha256")
    /// The length of what a body in chunks holds.
    package static let amzDecodedContentLength = constant("x-amz-decoded-content-length")
    package static let amzTarget = constant("X-Amz-Target")
    static let smithyProtocol = constant("Smithy-Protocol")
    package static let amznErrorType = constant("x-amzn-ErrorType")
    /// Code and type of an error in the query protocol, for SDKs that a service moved from it to JSON.
    package static let amznQueryError = constant("x-amzn-query-error")
    package static let amznRequestID = constant("x-amzn-RequestId")
    package static let amzACL = constant("x-amz-acl")
    /// The key of a table that a rule writes to: "NAME:S" or "NAME:S,NAME:N".
    package static let roostKeySchema = constant("x-roost-key-schema")
    package static let amzTagging = constant("x-amz-tagging")
    /// The principal's ARN in AttachThingPrincipal and its kin.
    package static let amznPrincipal = constant("x-amzn-principal")
    /// The principal's ARN in AttachPrincipalPolicy and its kin.
    package static let amznIoTPrincipal = constant("x-amzn-iot-principal")
    /// The thing as which a device asks for credentials.
    package static let amznIoTThingName = constant("x-amzn-iot-thingname")
    package static let amznIoTPolicy = constant("x-amzn-iot-policy")
}
