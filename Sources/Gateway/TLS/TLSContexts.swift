package import Identity
import NIOCore
package import NIOSSL
import Synchronization

/// The TLS contexts of the listeners. A reload replaces them for connections to come and leaves those that stand alone.
package final class TLSContexts: Sendable {
    /// ALPN names of the HTTPS port (AWS IoT Core developer guide, "Device communication protocols").
    enum ApplicationProtocol: String, CaseIterable {
        /// MQTT with a client certificate.
        case mqttWithCertificate = "x-amzn-mqtt-ca"
        /// HTTP with a client certificate.
        case httpWithCertificate = "x-amzn-http-ca"
        /// MQTT with a custom authorizer.
        case mqttWithAuthorizer = "mqtt"
        case http = "http/1.1"
    }

    private struct Contexts {
        var mqtt: NIOSSLContext
        var https: NIOSSLContext
        var api: NIOSSLContext
    }

    private let contexts: Mutex<Contexts>

    package init(_ credentials: ServerCredentials) throws {
        self.contexts = Mutex(try Self.make(credentials))
    }

    /// Serves these credentials to connections from now on. When they are unusable nothing changes.
    package func reload(_ credentials: ServerCredentials) throws {
        let new = try Self.make(credentials)
        self.contexts.withLock { $0 = new }
    }

    /// MQTT over TLS: a client certificate is demanded.
    var mqtt: NIOSSLContext { self.contexts.withLock { $0.mqtt } }
    /// The HTTPS port: a client certificate may be presented.
    var https: NIOSSLContext { self.contexts.withLock { $0.https } }
    /// The API port: no client certificate.
    package var api: NIOSSLContext { self.contexts.withLock { $0.api } }

    private static func make(_ credentials: ServerCredentials) throws -> Contexts {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(credentials.certificateChainPEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(credentials.privateKeyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // A peer that does not answer the closing alert is let go after this.
        configuration.shutdownTimeout = .seconds(1)
        // Who signed a device's certificate is not asked: it must be registered. Without this the system's roots would be loaded.
        configuration.trustRoots = .certificates([])
        let api = try NIOSSLContext(configuration: Self.applying(.none, [ApplicationProtocol.http.rawValue], to: configuration))
        let mqtt = try NIOSSLContext(configuration: Self.applying(.noHostnameVerification, [], to: configuration))
        let names = ApplicationProtocol.allCases.map(\.rawValue)
        let https = try NIOSSLContext(configuration: Self.applying(.optionalVerification, names, to: configuration))
        return Contexts(mqtt: mqtt, https: https, api: api)
    }

    private static func applying(
        _ verification: CertificateVerification, _ protocols: [String], to configuration: TLSConfiguration
    ) -> TLSConfiguration {
        var configuration = configuration
        configuration.certificateVerification = verification
        configuration.applicationProtocols = protocols
        return configuration
    }
}
