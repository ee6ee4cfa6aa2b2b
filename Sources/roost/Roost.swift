import ArgumentParser

/// The command line of design section 7. Exit codes are listed by `ExitStatus`.
@main
struct Roost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost",
        abstract: "An IoT platform that speaks the protocols and APIs of AWS IoT Core.",
        discussion: ExitStatus.help,
        version: RoostVersion.text,
        subcommands: [
            ServeCommand.self, DeviceCommand.self, ShadowCommand.self, RuleCommand.self, TargetCommand.self, EnvironmentCommand.self,
            VersionCommand.self,
        ]
    )
}

/// The version that `roost version`, `/health` and the status page report.
enum RoostVersion {
    static let text = "0.1.0"
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() {
        print("roost \(RoostVersion.text)")
    }
}
