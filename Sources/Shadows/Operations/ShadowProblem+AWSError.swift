import AWSAPI
import JSON

extension ShadowProblem {
    /// The same as an exception of `iot-data`. The body also has what a rejected message has (AWS IoT Developer Guide, device shadows).
    func asAWSError(timestamp: Int64, clientToken: String?) -> AWSError {
        var extra: JSONObject = ["code": .int(Int64(self.code)), "timestamp": .int(timestamp)]
        if let clientToken { extra["clientToken"] = .string(clientToken) }
        return AWSError(name: self.exceptionName, status: self.code, message: self.message, extra: extra)
    }

    private var exceptionName: String {
        switch self.code {
        case 404: "ResourceNotFoundException"
        case 409: "ConflictException"
        case 413: "RequestEntityTooLargeException"
        case 415: "UnsupportedDocumentEncodingException"
        case 429: "ThrottlingException"
        case 500...: "InternalFailureException"
        default: "InvalidRequestException"
        }
    }
}
