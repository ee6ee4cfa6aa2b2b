/// One key of the configuration. A dot parts a map and its key in the file; such settings have no flag. All others: the flag `--api-port`, the environment variable `ROOST_API_PORT` and the file's key `api-port` are the
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
    // Where the services that rules call are: in the file, keys of the map `endpoints`.
    case endpointS3 = "endpoints.s3"
    case endpointDynamoDB = "endpoints.dynamodb"
    case endpointSNS = "endpoints.sns"
    case endpointSQS = "endpoints.sqs"
    case endpointKinesis = "endpoints.kinesis"
    case endpointFirehose = "endpoints.firehose"
    case endpointLambda = "endpoints.lambda"
    case endpointMonitoring = "endpoints.monitoring"
    case endpointLogs = "endpoints.logs"
    case endpointStates = "endpoints.states"
    case endpointSecretsManager = "endpoints.secretsmanager"
    case endpointTimestream = "endpoints.timestream"
    case endpointES = "endpoints.es"
    case endpointIoTEventsData = "endpoints.ioteventsdata"
    case accessKeyID = "credentials.access-key-id"
    case secretAccessKey = "credentials.secret-access-key"
    case sessionToken = "credentials.session-token"
    case rulesHTTPAllowPlain = "rules.http-allow-plain"
    case rulesHTTPAllowAnyPort = "rules.http-allow-any-port"
    case rulesHTTPTrustFile = "rules.http-trust-file"
    case rulesSecretsFile = "rules.secrets-file"
    case functionsPython = "functions.python"
    case thingTypeDeleteDelay = "registry.thing-type-delete-delay"

    /// The maps of the file.
    static let sections = Set(
        Self.allCases.compactMap { setting in
            setting.rawValue.firstIndex(of: ".").map { String(setting.rawValue[..<$0]) }
        })

    static let environmentPrefix = "ROOST_"

    /// `ROOST_API_PORT` for `api-port`, `ROOST_ENDPOINTS_S3` for `s3` in `endpoints`.
    var environmentName: String {
        Self.environmentPrefix + String(self.rawValue.uppercased().map { $0 == "-" || $0 == "." ? "_" : $0 })
    }

    /// The setting of a service's endpoint, by the service's name in signatures.
    static let endpoints: [(service: String, setting: Setting)] = Self.allCases.compactMap { setting in
        setting.rawValue.hasPrefix("endpoints.") ? (String(setting.rawValue.dropFirst("endpoints.".count)), setting) : nil
    }

    /// Settings inside a map of the file are no flags.
    var isFlag: Bool { !self.rawValue.contains(".") }

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
