import AWSAPI
import ArgumentParser
import JSON

struct ShadowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow", abstract: "Look at, change and follow the shadows of devices.",
        subcommands: [GetShadowCommand.self, SetShadowCommand.self, WatchShadowCommand.self, LogShadowCommand.self])
}

/// What all commands about a shadow take.
struct ShadowOptions: ParsableArguments {
    @Argument(help: "Name of the thing.")
    var thing: String

    @Option(help: ArgumentHelp("Name of the shadow. Default: the classic one.", valueName: "shadow"))
    var name: String?

    @OptionGroup
    var server: RunningServerOptions

    /// Runs a command's body against the running server.
    func withShadow(_ body: (ShadowClient, Endpoints) async throws -> Void) async throws {
        try await reportingFailures {
            let address = try ShadowAddress(thing: self.thing, name: self.name)
            let endpoints = try self.server.endpoints()
            do {
                try await endpoints.withClient { try await body(ShadowClient(client: $0, address: address), endpoints) }
            } catch is LineOutput.Closed {
                // Who reads has seen enough.
            }
        }
    }
}

struct GetShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "get", abstract: "Print a shadow's document as JSON.")

    @OptionGroup
    var shadow: ShadowOptions

    @Flag(help: "Only the state: desired, reported and delta.")
    var state = false

    func run() async throws {
        try await self.shadow.withShadow { client, _ in
            guard let document = try await client.get() else { throw client.missing }
            let shown = self.state ? document["state"] ?? .object([:]) : document
            // Inside texts alone are there characters to escape, so it stays JSON.
            try LineOutput().write([ValueText.harmless(shown.prettyPrinted())])
        }
    }
}

struct WatchShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Print each change of a shadow as it happens, until Ctrl-C.",
        discussion: "A line is what was added (+), removed (-) or changed; delta is what the device has yet to report.")

    @OptionGroup
    var shadow: ShadowOptions

    func run() async throws {
        let signals = SignalWatch()
        // Its sources watch as long as it lives, which need not be longer than its last use.
        defer { withExtendedLifetime(signals) {} }
        try await self.shadow.withShadow { client, endpoints in
            let watch = ShadowWatch(
                endpoints: endpoints, client: client, text: ShadowText(style: .standardOutput()), output: LineOutput())
            let task = Task { try await watch.run() }
            signals.onStop { task.cancel() }
            // A terminal that is closed.
            signals.onReload { task.cancel() }
            do {
                try await task.value
            } catch let error where !task.isCancelled {
                throw error
            } catch {
                // It was asked to stop.
            }
        }
    }
}
