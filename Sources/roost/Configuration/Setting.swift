/// One key of the configuration: the flag `--api-port`, the environment variable `ROOST_API_PORT` and the file's key `api-port` are the
/// same setting (design section 7).
enum Setting: String, CaseIterable, Sendable {
    case data
    case ephemeral
    case listen
    case profile
    case apiPort = "api-port"
    case mqttsPort = "mqtts-port"
    case httpsPort = "https-port"
    case mqttPort = "mqtt-port"
    case consolePort = "console-port"
    case account
    case region
    case trustAnyCredentials = "trust-any-credentials"
    case eventLoops = "event-loops"
    case enforceRates = "enforce-rates"
    case allowPlainHTTP = "allow-plain-http"
    case anonymousPolicy = "anonymous-policy"
    case maxConnections = "max-connections"
    case maxConnectionsPerAddress = "max-connections-per-address"
    case shadowHistory = "shadow-history"
    case shadowMaxLevels = "shadow-max-levels"
    case shadowRequireThing = "shadow-require-thing"
    case logFormat = "log-format"
    case logLevel = "log-level"

    static let environmentPrefix = "ROOST_"

    /// `ROOST_API_PORT` for `api-port`.
    var environmentName: String {
        Self.environmentPrefix + String(self.rawValue.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    var flagName: String { "--" + self.rawValue }

    static var knownNames: String {
        Self.allCases.map(\.rawValue).sorted().joined(separator: ", ")
    }
}

/// Where a setting's text came from; named in every complaint about it.
enum SettingSource: Sendable, Equatable {
    case flag
    case environment
    case file(path: String)
    case builtIn

    func name(of setting: Setting) -> String {
        switch self {
        case .flag: "\(setting.flagName) on the command line"
        case .environment: "the environment variable \(setting.environmentName)"
        case .file(let path): "\(setting.rawValue) in \(path)"
        case .builtIn: "the default of \(setting.rawValue)"
        }
    }
}

struct SettingValue: Sendable, Equatable {
    let text: String
    let source: SettingSource
}
