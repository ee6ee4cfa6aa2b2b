import AWSAPI
import Foundation
import Functions
import Registry
import Rules
import Testing

@testable import roost

/// A text for a setting that is not its default, and where it must show.
struct SettingSample: Sendable, CustomTestStringConvertible {
    let setting: Setting
    let text: String
    /// How the checked configuration shows it; compared as text.
    let shown: @Sendable (ServerConfiguration) -> String
    let expected: String

    init(_ setting: Setting, _ text: String, as expected: String? = nil, _ shown: @escaping @Sendable (ServerConfiguration) -> Any?) {
        self.setting = setting
        self.text = text
        self.expected = expected ?? text
        self.shown = { configuration in shown(configuration).map { "\($0)" } ?? "nil" }
    }

    var testDescription: String { self.setting.rawValue }

    /// One for each setting; a test holds it to that.
    static let all: [SettingSample] = [
        SettingSample(.data, "/srv/roost") { $0.dataFolder },
        SettingSample(.ephemeral, "true") { $0.isEphemeral },
        SettingSample(.listen, "0.0.0.0") { $0.listen },
        SettingSample(.profile, "open") { $0.profile },
        SettingSample(.apiPort, "1001") { $0.apiPort },
        SettingSample(.mqttsPort, "1002") { $0.mqttsPort },
        SettingSample(.httpsPort, "1003") { $0.httpsPort },
        SettingSample(.mqttPort, "1004") { $0.mqttPort },
        SettingSample(.consolePort, "off", as: "nil") { $0.consolePort },
        SettingSample(.account, "000011112222") { $0.account },
        SettingSample(.region, "eu-central-1") { $0.region },
        SettingSample(.trustAnyCredentials, "true") { $0.trustAnyCredentials },
        SettingSample(.eventLoops, "20") { $0.eventLoops },
        SettingSample(.enforceRates, "true") { $0.enforceRates },
        SettingSample(.allowPlainHTTP, "true") { $0.allowPlainHTTP },
        SettingSample(.anonymousPolicy, "/srv/policy.json") { $0.anonymousPolicyFile },
        SettingSample(.maxConnections, "7") { $0.maxConnections },
        SettingSample(.maxConnectionsPerAddress, "6") { $0.maxConnectionsPerAddress },
        SettingSample(.shadowHistory, "5") { $0.shadowHistory },
        SettingSample(.shadowMaxLevels, "9") { $0.shadowMaxLevels },
        SettingSample(.shadowRequireThing, "true") { $0.shadowRequireThing },
        SettingSample(.logFormat, "json") { $0.logFormat },
        SettingSample(.logLevel, "debug") { $0.logLevel },
        SettingSample(.endpointS3, "http://localhost:9000") { $0.targets.endpoints["s3"] },
        SettingSample(.endpointDynamoDB, "http://localhost:9001") { $0.targets.endpoints["dynamodb"] },
        SettingSample(.endpointSNS, "http://localhost:9002") { $0.targets.endpoints["sns"] },
        SettingSample(.endpointSQS, "http://localhost:9003") { $0.targets.endpoints["sqs"] },
        SettingSample(.endpointKinesis, "http://localhost:9004") { $0.targets.endpoints["kinesis"] },
        SettingSample(.endpointFirehose, "http://localhost:9005") { $0.targets.endpoints["firehose"] },
        SettingSample(.endpointLambda, "http://localhost:9006") { $0.targets.endpoints["lambda"] },
        SettingSample(.endpointMonitoring, "http://localhost:9007") { $0.targets.endpoints["monitoring"] },
        SettingSample(.endpointLogs, "http://localhost:9008") { $0.targets.endpoints["logs"] },
        SettingSample(.endpointStates, "http://localhost:9009") { $0.targets.endpoints["states"] },
        SettingSample(.endpointSecretsManager, "http://localhost:9010") { $0.targets.endpoints["secretsmanager"] },
        SettingSample(.endpointTimestream, "http://localhost:9011") { $0.targets.endpoints["timestream"] },
        SettingSample(.endpointES, "http://localhost:9012") { $0.targets.endpoints["es"] },
        SettingSample(.endpointIoTEventsData, "http://localhost:9013") { $0.targets.endpoints["ioteventsdata"] },
        SettingSample(.accessKeyID, "AKIA") { $0.targets.givenKeyID },
        SettingSample(.secretAccessKey, "hidden", as: "true") { $0.targets.hasSecret },
        SettingSample(.sessionToken, "token", as: "true") { $0.targets.hasSessionToken },
        SettingSample(.rulesHTTPAllowPlain, "true") { $0.rules.allowsPlainHTTP },
        SettingSample(.rulesHTTPAllowAnyPort, "true") { $0.rules.allowsAnyPort },
        SettingSample(.rulesHTTPTrustFile, "/srv/own.pem") { $0.rules.trustFile },
        SettingSample(.rulesSecretsFile, "/srv/secrets.json") { $0.rules.secretsFile },
        SettingSample(.functionsPython, "/opt/python") { $0.functions.python },
        SettingSample(.thingTypeDeleteDelay, "300") { "\($0.registry.thingTypeDeleteDelay)" },
    ]
}

/// The configuration of some layers, with a home folder of no user.
func configuration(
    flags: [Setting: String] = [:], environment: [String: String] = [:], yaml: String? = nil
) throws -> ServerConfiguration {
    let file = try yaml.map { try ConfigurationFile(path: "/etc/roost.yaml", text: $0) }
    return try ServerConfiguration(SettingLayers(flags: flags, environment: environment, file: file), homeFolder: "/users/someone")
}

/// Expects a complaint about the configuration that says each of `parts`.
func expectComplaint(
    _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> some Any
) {
    do {
        let value = try body()
        Issue.record("a complaint was expected, but this was taken: \(value)", sourceLocation: sourceLocation)
    } catch let failure as CommandFailure {
        #expect(failure.status == .configuration, sourceLocation: sourceLocation)
        for part in parts { #expect(failure.description.contains(part), "\(failure)", sourceLocation: sourceLocation) }
    } catch {
        Issue.record("a complaint was expected, not \(error)", sourceLocation: sourceLocation)
    }
}
