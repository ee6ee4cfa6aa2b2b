import Broker
import Foundation
import Functions
import Logging
import Registry
import Rules
import Shadows

/// What one `roost serve` runs with, checked and typed.
struct ServerConfiguration: Sendable {
    enum ProfileName: String, CaseIterable, Sendable { case aws, open }
    enum LogFormat: String, CaseIterable, Sendable { case text, json }

    /// Folder of `endpoints.json`; nil for an ephemeral server that was not told of one.
    var dataFolder: String?
    var isEphemeral: Bool
    /// Address that the listeners bind, except plain MQTT, which is always loopback.
    var listen: String
    var profile: ProfileName
    var apiPort: Int
    var mqttsPort: Int?
    var httpsPort: Int?
    var mqttPort: Int?
    var consolePort: Int?
    var account: String
    var region: String
    var trustAnyCredentials: Bool
    var eventLoops: Int
    var enforceRates: Bool
    var allowPlainHTTP: Bool
    /// Policy document of the principal `anonymous`; nil allows all.
    var anonymousPolicyFile: String?
    var maxConnections: Int
    var maxConnectionsPerAddress: Int
    /// Past states kept for each shadow; 0 keeps none.
    var shadowHistory: Int
    /// Levels of keys in a shadow's sections; nil for what the profile has.
    var shadowMaxLevels: Int?
    /// Whether only registered things have shadows.
    var shadowRequireThing: Bool
    /// Where the services are that rules call.
    var targets: TargetSettings
    var rules: RulesSettings
    var functions: FunctionSettings
    var registry: RegistryOptions
    var logFormat: LogFormat
    var logLevel: Logger.Level

    static let defaultListenAddress = "127.0.0.1"
    /// The broker uses no more, and a loop without a broker could serve nobody.
    static let maxEventLoops = Broker.maxEventLoops

    init(
        _ layers: SettingLayers, homeFolder: String = HomeFolder.path,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        self.isEphemeral = try layers.flag(.ephemeral)
        let isFolderNamed = layers.value(.data) != nil
        let folder = Self.expandingHome(layers.text(.data, default: "~/.roost"), homeFolder: homeFolder)
        self.dataFolder = self.isEphemeral && !isFolderNamed ? nil : folder
        self.listen = layers.text(.listen, default: Self.defaultListenAddress)
        self.profile = try layers.choice(.profile, default: .aws)
        guard let apiPort = try layers.port(.apiPort, default: 4566) else {
            throw CommandFailure(.configuration, "api-port cannot be off: every AWS API call goes through it.")
        }
        self.apiPort = apiPort
        self.mqttsPort = try layers.port(.mqttsPort, default: 8883)
        self.httpsPort = try layers.port(.httpsPort, default: 8443)
        self.mqttPort = try layers.port(.mqttPort, default: nil)
        self.consolePort = try layers.port(.consolePort, default: 8080)
        self.account = try Self.account(layers)
        self.region = try Self.region(layers)
        self.trustAnyCredentials = try layers.flag(.trustAnyCredentials)
        self.eventLoops = try layers.integer(
            .eventLoops, in: 1...Self.maxEventLoops,
            default: min(ProcessInfo.processInfo.activeProcessorCount, Self.maxEventLoops))
        self.enforceRates = try layers.flag(.enforceRates)
        self.allowPlainHTTP = try layers.flag(.allowPlainHTTP)
        self.anonymousPolicyFile = layers.value(.anonymousPolicy).map { Self.expandingHome($0.text, homeFolder: homeFolder) }
        self.maxConnections = try layers.integer(.maxConnections, in: 1...10_000_000, default: 500_000)
        self.maxConnectionsPerAddress = try layers.integer(.maxConnectionsPerAddress, in: 1...10_000_000, default: 100_000)
        self.shadowHistory = try layers.integer(.shadowHistory, in: 0...ShadowLimits.maxHistoryLength, default: 0)
        self.shadowMaxLevels = try layers.optionalInteger(.shadowMaxLevels, in: 1...ShadowLimits.deepestLevels)
        self.shadowRequireThing = try layers.flag(.shadowRequireThing)
        self.targets = try TargetSettings(layers, environment: environment)
        self.rules = RulesSettings()
        self.rules.allowsPlainHTTP = try layers.flag(.rulesHTTPAllowPlain)
        self.rules.allowsAnyPort = try layers.flag(.rulesHTTPAllowAnyPort)
        self.rules.trustFile = layers.value(.rulesHTTPTrustFile).map { Self.expandingHome($0.text, homeFolder: homeFolder) }
        self.rules.secretsFile = layers.value(.rulesSecretsFile).map { Self.expandingHome($0.text, homeFolder: homeFolder) }
        self.functions = FunctionSettings()
        self.functions.python = layers.text(.functionsPython, default: self.functions.python)
        self.registry = RegistryOptions(
            thingTypeDeleteDelay: Int64(try layers.integer(.thingTypeDeleteDelay, in: 0...86_400, default: 0)))
        self.logFormat = try layers.choice(.logFormat, default: .text)
        self.logLevel = try layers.choice(.logLevel, default: .notice)
    }

    /// `~` and `~/x` name the home folder; a relative path is made absolute, since it is written into `endpoints.json`.
    static func expandingHome(_ path: String, homeFolder: String) -> String {
        var path = path
        if path == "~" { path = homeFolder }
        if path.hasPrefix("~/") { path = homeFolder + path.dropFirst(1) }
        if !path.hasPrefix("/") { path = FileManager.default.currentDirectoryPath + "/" + path }
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }

    private static func account(_ layers: SettingLayers) throws -> String {
        guard let value = layers.value(.account) else { return "000000000000" }
        guard value.text.utf8.count == 12, value.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw SettingLayers.wrong(.account, value, "is not an account id: give 12 digits (quote them in YAML)")
        }
        return value.text
    }

    private static func region(_ layers: SettingLayers) throws -> String {
        guard let value = layers.value(.region) else { return "us-east-1" }
        let isPlain = value.text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        guard isPlain, (1...32).contains(value.text.utf8.count) else {
            throw SettingLayers.wrong(.region, value, "is not a region: give lower-case letters, digits and hyphens")
        }
        return value.text
    }
}
