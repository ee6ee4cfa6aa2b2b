package import AWSAPI

extension AWSService {
    package static let kinesis = AWSService(
        name: "kinesis", signingNames: ["kinesis"], wire: .json(targetPrefix: "Kinesis_20131202"), invalidRequestName: "ValidationException"
    )
}

/// The errors of Kinesis's model. All are answered with 400.
extension AWSError {
    static func kinesis(_ name: String, _ message: String) -> AWSError { AWSError(name: name, status: 400, message: message) }

    static func kinesisArgument(_ message: String) -> AWSError { .kinesis("InvalidArgumentException", message) }
}
