import Foundation

/// Where a service is that rules call.
enum TargetEndpoint: Sendable, Equatable, CustomStringConvertible {
    /// In this server.
    case embedded
    /// At AWS.
    case aws
    /// At a server of somebody's own: scheme, host and port, without a slash at the end.
    case url(String)

    /// - Returns: nil for a text that is none of them.
    init?(_ text: String) {
        switch text.lowercased() {
        case "embedded": self = .embedded
        case "aws": self = .aws
        default:
            let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
            guard let url = URL(string: trimmed), ["http", "https"].contains(url.scheme ?? ""), !(url.host ?? "").isEmpty,
                url.path.isEmpty, url.query == nil, url.user == nil
            else { return nil }
            self = .url(trimmed)
        }
    }

    var description: String {
        switch self {
        case .embedded: "embedded"
        case .aws: "aws"
        case .url(let url): url
        }
    }
}
