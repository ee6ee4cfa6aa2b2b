/// Who makes a request, as far as authentication can tell.
package enum Caller: Sendable, Hashable {
    /// A request signed with the secret of this access key.
    case accessKey(id: String)
    /// A request over mutual TLS with a registered device certificate; the id is its SHA-256 in 64 lower-case hex digits.
    case certificate(id: String)

    /// The access key's or the certificate's id.
    package var id: String {
        switch self {
        case .accessKey(let id), .certificate(let id): id
        }
    }
}
