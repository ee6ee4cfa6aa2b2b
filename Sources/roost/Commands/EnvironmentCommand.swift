import ArgumentParser
import Foundation

/// Where the commands that talk to a running server find it.
struct RunningServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Data folder of the running server. Default: ~/.roost", valueName: "dir"))
    var data: String?

    func endpoints() throws -> Endpoints {
        var flags: [Setting: String] = [:]
        if let data = self.data { flags[.data] = data }
        let environment = ProcessInfo.processInfo.environment
        let path = environment[ConfigurationFile.environmentName].flatMap { $0.isEmpty ? nil : $0 }
        let layers = SettingLayers(flags: flags, environment: environment, file: try path.map(ConfigurationFile.init(path:)))
        let folder = ServerConfiguration.expandingHome(layers.text(.data, default: "~/.roost"), homeFolder: HomeFolder.path)
        return try Endpoints.ofRunningServer(folder: folder)
    }
}

struct EnvironmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Print the exports that point the AWS tools at the running server.",
        discussion: "Use it as: eval \"$(roost env)\"")

    @OptionGroup
    var server: RunningServerOptions

    func run() async throws {
        try await reportingFailures {
            let endpoints = try self.server.endpoints()
            var lines = [
                Self.export("AWS_ENDPOINT_URL", endpoints.api),
                Self.export("AWS_ACCESS_KEY_ID", endpoints.accessKeyID),
                Self.export("AWS_SECRET_ACCESS_KEY", endpoints.secretAccessKey),
                Self.export("AWS_REGION", endpoints.region),
                // What the SDKs before AWS_REGION read, boto3 among them.
                Self.export("AWS_DEFAULT_REGION", endpoints.region),
            ]
            if endpoints.api.hasPrefix("https:") { lines.append(Self.export("AWS_CA_BUNDLE", endpoints.caFile)) }
            print(lines.joined(separator: "\n"))
        }
    }

    private static func export(_ name: String, _ value: String) -> String {
        "export \(name)=\(ShellText.quoted(value))"
    }
}

/// Text for a POSIX shell.
enum ShellText {
    /// Quoted where it must be.
    static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x2F, 0x3A, 0x5F, 0x2B, 0x3D, 0x40, 0x2C: true
                default: false
                }
            }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
