/// Who makes a request, as far as authentication can tell.
package enum Caller: Sendable, Hashable {
    /// A request signed with the secret of this access key.
    case accessKey(id: String)
    /// A request over mutual TLS with a registered device certificate; the id is its SHA-256 in 64 lower-case hex digits.
    case certificate(id: String)
    /// A part of this server that acts as an AWS service does, for instance a rule: `iot.amazonaws.com`, on behalf of the rule's ARN.
    case service(principal: String, sourceARN: String?)
    /// A request without any signature, of an operation that takes such requests.
    case anonymous

    /// The access key's or the certificate's id, or the service's name.
    package var id: String {
        switch self {
        case .accessKey(let id), .certificate(let id), .service(let id, _): id
        case .anonymous: "anonymous"
        }
    }
}
