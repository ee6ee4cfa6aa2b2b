import AWSAPI
import Foundation

/// Where an MQTT server listens for WebSockets, and the key that signs the request for one (AWS IoT Core developer guide, "MQTT over the
/// WebSocket protocol").
struct WebSocketTarget: Sendable {
    /// A name or an address, without brackets.
    let host: String
    let port: Int
    let caFile: String
    let region: String
    let key: AccessKey

    static let path = "/mqtt"
    static let subprotocol = "mqtt"
    private static let service = "iotdevicegateway"

    /// - Parameter url: `https://host:port`.
    init?(url: String, caFile: String, region: String, key: AccessKey) {
        guard let parts = URLComponents(string: url), parts.scheme == "https", let host = parts.host, !host.isEmpty else { return nil }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().prefix { $0 != "]" }) : host
        self.port = parts.port ?? 443
        self.caFile = caFile
        self.region = region
        self.key = key
    }

    /// As the Host header has it.
    var authority: String {
        let name = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == 443 ? name : "\(name):\(self.port)"
    }

    /// Path and query of the request, signed now.
    func signedTarget(at time: SigningTime) -> String {
        SigV4Signer(key: self.key, region: self.region, service: Self.service).presignedTarget(
            path: Self.path, host: self.authority, at: time, expiresSeconds: nil, token: .appended)
    }
}
