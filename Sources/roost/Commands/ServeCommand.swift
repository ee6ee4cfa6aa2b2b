import ArgumentParser
import Console
import CoreMetrics
import Foundation
import Logging

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server.",
        discussion: """
            Each flag is also a key of the configuration file (--api-port is api-port) and an environment variable (ROOST_API_PORT). \
            A flag wins over the environment, the environment over the file, the file over the default. A port of 0 lets the system \
            choose; what it chose is printed, and stands in DIR/endpoints.json while the server runs.

            SIGTERM and SIGINT stop it cleanly, a second one at once. SIGHUP reads the server certificate anew.
            """)

    @OptionGroup
    var options: ServeOptions

    func run() async throws {
        try await reportingFailures {
            let environment = ProcessInfo.processInfo.environment
            let configuration = try ServerConfiguration(self.options.layers(environment: environment))
            StandardErrorLogHandler.bootstrap(format: configuration.logFormat, level: configuration.logLevel)
            let metrics = MetricsRegistry()
            MetricsSystem.bootstrap(metrics)
            let signals = SignalWatch()
            // Keys, secrets and the database are for this user alone, whichever room makes the file.
            umask(0o077)
            for name in SettingLayers.unknownVariables(in: environment) {
                Logger(label: "roost").warning("the environment variable \(name) means nothing to this version; is it a slip?")
            }
            try await RoostServer(
                configuration: configuration, metrics: metrics, signals: signals, fileLimit: FileLimit.raise()
            ).run()
        }
    }
}
