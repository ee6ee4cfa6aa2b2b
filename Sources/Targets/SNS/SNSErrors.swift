package import AWSAPI

extension AWSService {
    package static let sns = AWSService(
        name: "sns", signingNames: ["sns"], wire: .query(namespace: "http://sns.amazonaws.com/doc/2010-03-31/"),
        invalidRequestName: "InvalidParameter")
}

/// The errors of SNS's model, by the codes that its answers carry.
extension AWSError {
    static func snsParameter(_ what: String) -> AWSError {
        AWSError(name: "InvalidParameter", status: 400, message: "Invalid parameter: \(what)")
    }

    static func sns(_ name: String, _ message: String, status: Int = 400) -> AWSError {
        AWSError(name: name, status: status, message: message)
    }

    static let noTopic = AWSError.sns("NotFound", "Topic does not exist", status: 404)
    static let noSubscription = AWSError.sns("NotFound", "Subscription does not exist", status: 404)
}
