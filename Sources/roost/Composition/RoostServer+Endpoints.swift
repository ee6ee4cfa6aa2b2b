import AWSAPI
import Console
import Foundation
import Gateway
import Identity
import Logging
import NIOCore

extension RoostServer {
    /// Waits until every port is bound, and says where they are.
    func endpoints(_ rooms: Rooms, listeners: [Listener], http: HTTPServices, address: ListenAddress) async throws -> Endpoints {
        func port(_ kind: Listener.Kind) -> Int? {
            listeners.first { $0.kind == kind }?.address.port
        }
        let host = address.clientHost
        let isPlain = address.isLoopback || self.configuration.allowPlainHTTP
        let apiPort = try await http.api.server.port
        var console: String?
        if let service = http.console.first {
            let consoleHost = service.host == address.host ? host : "localhost"
            console = "http://\(consoleHost):\(try await service.boundPort)"
        }
        return Endpoints(
            pid: Int(getpid()), account: self.configuration.account, region: self.configuration.region,
            api: "\(isPlain ? "http" : "https")://\(host):\(apiPort)",
            mqtts: port(.mqtts).map { "\(host):\($0)" },
            https: port(.https).map { "https://\(host):\($0)" },
            mqtt: port(.mqtt).map { "localhost:\($0)" },
            console: console,
            accessKeyID: rooms.accessKey.id, secretAccessKey: rooms.accessKey.secret,
            caFile: rooms.identity.authority.certificatePath)
    }

    /// Tells the person who started it. The secret key is in `endpoints.json` and in `roost env`, not here: this is often kept as a log.
    func announce(_ endpoints: Endpoints, folder: DataFolder) {
        func line(_ name: String, _ value: String?) -> String {
            "  " + name.padding(toLength: 18, withPad: " ", startingAt: 0) + (value ?? "off") + "\n"
        }
        let isDefaultFolder = folder.endpointsPath == ServerConfiguration.expandingHome("~/.roost", homeFolder: HomeFolder.path)
        let option = isDefaultFolder ? "" : " --data \(folder.endpointsPath)"
        let text =
            "Roost \(RoostVersion.text) is ready (profile \(self.configuration.profile.rawValue), account \(endpoints.account), "
            + "region \(endpoints.region))\n"
            + line("AWS APIs", endpoints.api) + line("MQTT, mutual TLS", endpoints.mqtts) + line("HTTPS, WebSocket", endpoints.https)
            + line("MQTT, plain", endpoints.mqtt) + line("Console", endpoints.console) + line("Access key", endpoints.accessKeyID)
            + line("CA certificate", endpoints.caFile)
            + line("Data", self.configuration.isEphemeral ? "in memory; endpoints.json in \(folder.endpointsPath)" : folder.path)
            + "Next: eval \"$(roost env\(option))\", then use the AWS SDKs; or roost device create NAME\(option)\n"
        FileHandle.standardOutput.write(Data(text.utf8))
        self.logger.notice(
            "serving", metadata: ["api": "\(endpoints.api)", "mqtts": "\(endpoints.mqtts ?? "off")", "pid": "\(endpoints.pid)"])
        if self.configuration.trustAnyCredentials {
            self.logger.warning("trust-any-credentials is on: every well-formed API signature is accepted, whoever made it")
        }
        if self.configuration.allowPlainHTTP {
            self.logger.warning("allow-plain-http is on: API requests and their answers may cross the network unencrypted")
        }
    }
}
