import ArgumentParser
import Foundation

/// The flags of `roost serve`. All are optional texts: what is not given here may come from the environment or the file, and one place
/// (`ServerConfiguration`) checks them all alike.
struct ServeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Configuration file (YAML); its keys are these flags without the dashes.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Folder of everything that is kept. Default: ~/.roost", valueName: "dir"))
    var data: String?

    @Flag(inversion: .prefixedNo, help: "Keep everything in memory and a temporary folder.")
    var ephemeral: Bool?

    @Option(help: ArgumentHelp("Address to listen on. Default: 127.0.0.1 (this machine only)", valueName: "address"))
    var listen: String?

    @Option(help: ArgumentHelp("aws: behave and limit as AWS IoT Core does. open: full MQTT. Default: aws", valueName: "aws|open"))
    var profile: String?

    @Option(help: ArgumentHelp("Port of the AWS APIs. Default: 4566", valueName: "port"))
    var apiPort: String?

    @Option(help: ArgumentHelp("Port of MQTT over mutual TLS. Default: 8883", valueName: "port|off"))
    var mqttsPort: String?

    @Option(help: ArgumentHelp("Port of HTTPS, WebSocket and ALPN. Default: 8443", valueName: "port|off"))
    var httpsPort: String?

    @Option(help: ArgumentHelp("Port of plain MQTT, on loopback only. Default: off", valueName: "port|off"))
    var mqttPort: String?

    @Option(help: ArgumentHelp("Port of the console and of /metrics. Default: 8080", valueName: "port|off"))
    var consolePort: String?

    @Option(help: ArgumentHelp("Account id. Default: 000000000000", valueName: "12 digits"))
    var account: String?

    @Option(help: ArgumentHelp("Region. Default: us-east-1", valueName: "name"))
    var region: String?

    @Flag(inversion: .prefixedNo, help: "Accept every well-formed API signature, whoever made it.")
    var trustAnyCredentials: Bool?

    @Option(help: ArgumentHelp("Threads that serve devices. Default: one for each core", valueName: "n"))
    var eventLoops: String?

    @Flag(inversion: .prefixedNo, help: "Apply the rates of AWS IoT Core too, not only its sizes and counts.")
    var enforceRates: Bool?

    @Flag(inversion: .prefixedNo, help: "Allow plain HTTP on an address that is not loopback.")
    var allowPlainHttp: Bool?

    @Option(help: ArgumentHelp("Policy document for clients of plain MQTT. Default: allow all", valueName: "file"))
    var anonymousPolicy: String?

    @Option(help: ArgumentHelp("Device connections at most. Default: 500000", valueName: "n"))
    var maxConnections: String?

    @Option(help: ArgumentHelp("Device connections of one address at most. Default: 100000", valueName: "n"))
    var maxConnectionsPerAddress: String?

    @Option(help: ArgumentHelp("Past states kept for each shadow, for roost shadow log. Default: 0", valueName: "n"))
    var shadowHistory: String?

    @Option(help: ArgumentHelp("Levels of keys in a shadow's sections. Default: 8, with --profile open 60", valueName: "n"))
    var shadowMaxLevels: String?

    @Flag(inversion: .prefixedNo, help: "Refuse shadows of things that are not registered.")
    var shadowRequireThing: Bool?

    @Option(help: ArgumentHelp("Default: text", valueName: "text|json"))
    var logFormat: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical. Default: notice", valueName: "level"))
    var logLevel: String?

    /// What was given on the command line.
    var flags: [Setting: String] {
        let all: [Setting: String?] = [
            .data: self.data, .ephemeral: self.ephemeral.map(\.description), .listen: self.listen, .profile: self.profile,
            .apiPort: self.apiPort, .mqttsPort: self.mqttsPort, .httpsPort: self.httpsPort, .mqttPort: self.mqttPort,
            .consolePort: self.consolePort, .account: self.account, .region: self.region,
            .trustAnyCredentials: self.trustAnyCredentials.map(\.description), .eventLoops: self.eventLoops,
            .enforceRates: self.enforceRates.map(\.description), .allowPlainHTTP: self.allowPlainHttp.map(\.description),
            .anonymousPolicy: self.anonymousPolicy, .maxConnections: self.maxConnections,
            .maxConnectionsPerAddress: self.maxConnectionsPerAddress, .shadowHistory: self.shadowHistory,
            .shadowMaxLevels: self.shadowMaxLevels,
            .shadowRequireThing: self.shadowRequireThing.map(\.description), .logFormat: self.logFormat, .logLevel: self.logLevel,
        ]
        return all.compactMapValues { $0 }
    }

    /// Reads all layers.
    func layers(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> SettingLayers {
        let path = self.config ?? environment[ConfigurationFile.environmentName].flatMap { $0.isEmpty ? nil : $0 }
        let file = try path.map { try ConfigurationFile(path: ServerConfiguration.expandingHome($0, homeFolder: HomeFolder.path)) }
        return SettingLayers(flags: self.flags, environment: environment, file: file)
    }
}
