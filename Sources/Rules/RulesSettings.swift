/// How this server's rules differ from AWS's, by its configuration (`rules:`).
package struct RulesSettings: Sendable {
    /// Whether the http action takes `http:` URLs too. AWS takes `https:` only.
    package var allowsPlainHTTP = false
    /// Whether the http action takes any port. AWS takes 443 and 8443 only.
    package var allowsAnyPort = false
    /// A JSON file of secrets for get_secret: an object from a secret's name or ARN to its text, or to an object with its keys. Nil asks the
    /// endpoint of Secrets Manager.
    package var secretsFile: String?
    /// A file of certificates (PEM) that servers of the http action may be signed with, besides the system's.
    package var trustFile: String?

    package init() {}
}
