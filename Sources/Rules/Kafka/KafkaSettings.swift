/// The `clientProperties` of a kafka action, checked: what a producer is made of. Equal ones share a producer.
///
/// Holds secrets: it has no description that shows them.
struct KafkaSettings: Sendable, Hashable {
    /// AWS's names, which are those of Java's client.
    static let known: Set<String> = [
        "acks", "bootstrap.servers", "compression.type", "key.serializer", "sasl.mechanism", "sasl.password", "sasl.plain.password",
        "sasl.plain.username", "sasl.scram.password", "sasl.scram.username", "sasl.username", "security.protocol", "ssl.key.password",
        "ssl.keystore", "ssl.keystore.password", "ssl.truststore", "ssl.truststore.password", "value.serializer",
    ]
    /// Of Kerberos: refused by name.
    static let kerberosPrefix = "sasl.kerberos."
    static let protocols = ["SSL", "SASL_SSL", "PLAINTEXT", "SASL_PLAINTEXT"]
    static let mechanisms = ["PLAIN", "SCRAM-SHA-512"]
    static let compressions = ["none", "gzip", "snappy", "lz4"]

    /// Names and values for librdkafka.
    let properties: [String: String]

    /// - Parameter given: AWS's names and the values after templates.
    /// - Throws: `ActionProblem` that names the property, never a secret value.
    init(_ given: [String: String]) throws(ActionProblem) {
        guard let servers = given["bootstrap.servers"], !servers.isEmpty else {
            throw ActionProblem("bootstrap.servers is missing: the brokers' addresses as HOST:PORT, with commas between them.")
        }
        var properties = ["bootstrap.servers": servers]
        properties["acks"] = try Self.word(given, "acks", of: ["0", "1"]) ?? "1"
        properties["compression.codec"] = try Self.word(given, "compression.type", of: Self.compressions) ?? "none"
        _ = try Self.word(given, "key.serializer", of: Self.serializers)
        _ = try Self.word(given, "value.serializer", of: Self.serializers)
        let security = try Self.word(given, "security.protocol", of: Self.protocols) ?? "SSL"
        properties["security.protocol"] = security
        if security.hasSuffix("SSL") { try Self.addTLS(given, to: &properties) }
        if security.hasPrefix("SASL") { try Self.addLogin(given, to: &properties) }
        self.properties = properties
    }

    /// What is sent is bytes either way.
    private static let serializers = ["ByteBufferSerializer", "StringSerializer"].flatMap {
        [$0, "org.apache.kafka.common.serialization.\($0)"]
    }

    private static func word(_ given: [String: String], _ name: String, of words: [String]) throws(ActionProblem) -> String? {
        guard let value = given[name] else { return nil }
        guard words.contains(value) else {
            throw ActionProblem("\(name): \(value.prefix(100)) is not supported; there are \(words.joined(separator: ", ")).")
        }
        return value
    }

    /// Certificates are PEM texts; what Java keeps them in (JKS, PKCS #12) is not read.
    private static func addTLS(_ given: [String: String], to properties: inout [String: String]) throws(ActionProblem) {
        if let trust = given["ssl.truststore"] { properties["ssl.ca.pem"] = try Self.pem(trust, "ssl.truststore") }
        if let store = given["ssl.keystore"] {
            let pem = try Self.pem(store, "ssl.keystore")
            properties["ssl.certificate.pem"] = pem
            properties["ssl.key.pem"] = pem
        }
        if let password = given["ssl.key.password"] ?? given["ssl.keystore.password"], given["ssl.keystore"] != nil {
            properties["ssl.key.password"] = password
        }
    }

    private static func pem(_ text: String, _ name: String) throws(ActionProblem) -> String {
        guard text.contains("-----BEGIN ") else {
            throw ActionProblem("\(name) is not PEM text (-----BEGIN …), which is what Roost takes in place of Java's stores.")
        }
        return text
    }

    private static func addLogin(_ given: [String: String], to properties: inout [String: String]) throws(ActionProblem) {
        if given["sasl.mechanism"] == "GSSAPI" {
            throw ActionProblem("sasl.mechanism: GSSAPI is not supported by Roost; there are \(Self.mechanisms.joined(separator: ", ")).")
        }
        guard let mechanism = try Self.word(given, "sasl.mechanism", of: Self.mechanisms) else {
            throw ActionProblem("sasl.mechanism is missing, which SASL asks for: \(Self.mechanisms.joined(separator: ", ")).")
        }
        let prefix = mechanism == "PLAIN" ? "sasl.plain" : "sasl.scram"
        guard let name = given["\(prefix).username"] ?? given["sasl.username"] else {
            throw ActionProblem("\(prefix).username is missing.")
        }
        guard let password = given["\(prefix).password"] ?? given["sasl.password"] else {
            throw ActionProblem("\(prefix).password is missing.")
        }
        properties["sasl.mechanism"] = mechanism
        properties["sasl.username"] = name
        properties["sasl.password"] = password
    }
}
