#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the authority could not do with its folder. `description` says what happened, to what, and what to do.
package enum CertificateAuthorityError: Error, Sendable, Hashable, CustomStringConvertible {
    case file(path: String, what: String, errno: Int32)
    case tooLarge(path: String, limitBytes: Int)
    case unreadable(path: String, what: String)
    case keyMissing(path: String)
    case mismatch(certificate: String, key: String)

    package var description: String {
        switch self {
        case .file(let path, let what, let code):
            let reason = String(cString: strerror(code))
            return "cannot \(what) \(path): \(reason). Give this user the right to it, or choose another folder with --data"
        case .tooLarge(let path, let limitBytes):
            return "\(path) is larger than \(limitBytes) bytes and so is no certificate or key: put the right file in its place"
        case .unreadable(let path, let what):
            return "\(path) cannot be read as PEM (\(what)): restore it from a backup, or move it away to have a new one made"
        case .keyMissing(let path):
            return """
                the private key \(path) is missing beside its certificate: restore it from a backup, or move the certificate away too \
                and a new authority is made (devices then need the new ca.pem)
                """
        case .mismatch(let certificate, let key):
            return "\(certificate) and \(key) do not belong together: restore both from one backup"
        }
    }
}
