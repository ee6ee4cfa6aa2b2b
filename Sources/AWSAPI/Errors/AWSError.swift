package import JSON

/// An error as a caller of the API sees it: an exception of the service's model.
package struct AWSError: Error, Sendable, Hashable {
    /// The exception's name with its suffix ("ResourceNotFoundException").
    package let name: String
    /// The HTTP status.
    package let status: Int
    package let message: String
    /// Members that the model adds to the message (`resourceId`, `resourceArn`).
    package let extra: JSONObject
    /// The code that the error had when the service still spoke the query protocol, where SDKs go on showing it (the trait
    /// `awsQueryCompatible`, of SQS).
    package let queryCode: String?

    package init(name: String, status: Int, message: String, extra: JSONObject = [:], queryCode: String? = nil) {
        self.name = name
        self.status = status
        self.message = message
        self.extra = extra
        self.queryCode = queryCode
    }
}

extension AWSError: CustomStringConvertible {
    package var description: String {
        "\(self.name): \(self.message)"
    }
}
