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

    package init(name: String, status: Int, message: String, extra: JSONObject = [:]) {
        self.name = name
        self.status = status
        self.message = message
        self.extra = extra
    }
}

extension AWSError: CustomStringConvertible {
    package var description: String {
        "\(self.name): \(self.message)"
    }
}
