/// What an outgoing call can end with.
package enum AWSClientError: Error, Sendable, CustomStringConvertible {
    /// The service refused: its exception.
    case service(operation: String, error: AWSError, requestID: String?)
    /// No answer.
    case unreachable(endpoint: String, reason: String)
    /// The answer is not what the protocol says.
    case malformedAnswer(operation: String, status: Int)

    package var description: String {
        switch self {
        case .service(let operation, let error, let requestID):
            "\(operation) was refused (\(error.name), status \(error.status), request \(requestID ?? "unknown")): \(error.message)"
        case .unreachable(let endpoint, let reason):
            "\(endpoint) does not answer (\(reason)): check that it runs, and its address"
        case .malformedAnswer(let operation, let status):
            "the answer to \(operation) (status \(status)) is not one of an AWS service: check the endpoint's address"
        }
    }
}
