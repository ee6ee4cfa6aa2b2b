/// The URL of a web server that rules send to, checked: `https://HOST[:PORT][/PATH][?QUERY]` (AWS IoT Developer Guide, rules).
struct HTTPAddress: Sendable, Hashable {
    /// Of the model, in characters.
    static let maxCharacters = 2_000
    static let ports = [443, 8443]

    let text: String
    /// Scheme, host and port in one spelling: what two URLs have in common that go to the same server.
    let origin: String
    /// As the Host header has it.
    let host: String
    /// Path and query, at least `/`.
    let target: String

    /// - Throws: `ActionProblem` that says what is wrong with it.
    init(_ text: String, _ settings: RulesSettings) throws(ActionProblem) {
        guard text.unicodeScalars.count <= Self.maxCharacters else {
            throw ActionProblem("The URL has more than \(Self.maxCharacters) characters.")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.never.contains($0) }) else {
            throw ActionProblem("The URL \(Self.shown(text)) has characters that stand in URLs only percent-encoded.")
        }
        let (isSecure, rest) = try Self.scheme(text, settings)
        let authority = rest.prefix { !"/?#".contains($0) }
        let behind = rest.dropFirst(authority.count)
        guard !behind.contains("#") else { throw ActionProblem("The URL \(Self.shown(text)) has a fragment, which no server sees.") }
        let (host, port) = try Self.hostAndPort(authority, of: text)
        let effectivePort = port ?? (isSecure ? 443 : 80)
        guard settings.allowsAnyPort || Self.ports.contains(effectivePort) else {
            throw ActionProblem(
                "The URL \(Self.shown(text)) has the port \(effectivePort): the http action takes 443 and 8443 only, "
                    + "unless rules.http-allow-any-port is set.")
        }
        self.text = text
        self.origin = "\(isSecure ? "https" : "http")://\(host):\(effectivePort)"
        self.host = port == nil ? host : "\(host):\(effectivePort)"
        self.target = behind.isEmpty ? "/" : behind.hasPrefix("?") ? "/\(behind)" : String(behind)
    }

    /// Whether a destination with this confirmation URL covers this one: the same server, and the same beginning.
    func isCovered(by confirmation: HTTPAddress) -> Bool {
        self.origin == confirmation.origin && self.target.hasPrefix(confirmation.target)
    }

    // MARK: Its parts

    private static let never = Array("\"<>\\^`{|}".utf8)

    private static func shown(_ text: String) -> String { text.count > 200 ? "\(text.prefix(200))…" : text }

    private static func scheme(_ text: String, _ settings: RulesSettings) throws(ActionProblem) -> (Bool, Substring) {
        let lower = text.prefix(8).lowercased()
        if lower.hasPrefix("https://") { return (true, text.dropFirst(8)) }
        guard lower.hasPrefix("http://") else { throw ActionProblem("The URL \(Self.shown(text)) does not begin with https://.") }
        guard settings.allowsPlainHTTP else {
            throw ActionProblem(
                "The URL \(Self.shown(text)) is not https, which the http action demands unless rules.http-allow-plain is set.")
        }
        return (false, text.dropFirst(7))
    }

    private static func hostAndPort(_ authority: Substring, of text: String) throws(ActionProblem) -> (String, Int?) {
        guard !authority.contains("@") else { throw ActionProblem("The URL \(Self.shown(text)) holds a user's name, which is not taken.") }
        guard !authority.contains("[") else {
            throw ActionProblem("The URL \(Self.shown(text)) holds an IPv6 address, which the http action does not take: give a host name.")
        }
        let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let host = parts[0].lowercased()
        let isHost =
            !host.isEmpty && host.utf8.allSatisfy { $0 >= 0x61 && $0 <= 0x7A || $0 >= 0x30 && $0 <= 0x39 || "-._".utf8.contains($0) }
        guard isHost else { throw ActionProblem("The URL \(Self.shown(text)) has no host name.") }
        guard parts.count == 2 else { return (host, nil) }
        guard let port = UInt16(parts[1]), port > 0 else { throw ActionProblem("The port in the URL \(Self.shown(text)) is not one.") }
        return (host, Int(port))
    }
}
