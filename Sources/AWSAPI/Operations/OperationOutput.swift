package import HTTPTypes
package import JSON
package import NIOCore

/// An operation's answer before it becomes HTTP.
package struct OperationOutput: Sendable {
    package enum Body: Sendable {
        /// The members of the output that are bound to the body.
        case json(JSONObject)
        /// A blob bound to the whole body (a shadow document, a model's answer).
        case bytes(ByteBuffer, contentType: String)
    }

    package var body: Body
    /// Members bound to headers.
    package var headers: HTTPFields
    /// Nil for the status of the operation's route.
    package var status: Int?

    package init(body: Body = .json([:]), headers: HTTPFields = [:], status: Int? = nil) {
        self.body = body
        self.headers = headers
        self.status = status
    }
}

extension JSONObject: OperationEncodable {
    package func encoded() throws -> OperationOutput {
        OperationOutput(body: .json(self))
    }
}

/// For operations whose status or headers depend on what they find.
extension OperationOutput: OperationEncodable {
    package func encoded() throws -> OperationOutput { self }
}
