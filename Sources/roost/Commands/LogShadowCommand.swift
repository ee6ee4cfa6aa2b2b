import ArgumentParser

struct LogShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Print the past changes of a shadow, the newest first.",
        discussion: "The server keeps them when it runs with --shadow-history N.")

    /// The longest history that a server keeps.
    private static let maxLimit = 10_000

    @OptionGroup
    var shadow: ShadowOptions

    @Option(help: ArgumentHelp("Changes to print.", valueName: "n"))
    var limit = 20

    func run() async throws {
        try await self.shadow.withShadow { client, _ in
            guard (1...Self.maxLimit).contains(self.limit) else {
                throw CommandFailure(.usage, "--limit is \(self.limit): give 1 to \(Self.maxLimit).")
            }
            let printed = try await self.printHistory(client)
            guard printed > 0 else {
                throw CommandFailure(.notFound, "Nothing has happened to the \(client.address.label) since the server keeps histories.")
            }
        }
    }

    /// A change can be told when the one before it, which comes next, is known.
    ///
    /// - Returns: the number of changes.
    private func printHistory(_ client: ShadowClient) async throws -> Int {
        let history = ShadowHistoryText(text: ShadowText(style: .standardOutput()))
        let output = LineOutput()
        var printed = 0
        var waiting: ShadowChange?
        var token: String?
        repeat {
            let page = try await client.history(self.limit + 1 - printed, token: token)
            for change in page.entries {
                if let waiting {
                    try output.write(history.lines(of: waiting, after: change))
                    printed += 1
                    if printed == self.limit { return printed }
                }
                waiting = change
            }
            token = page.next
        } while token != nil
        guard let waiting else { return printed }
        try output.write(history.lines(of: waiting, after: nil))
        return printed + 1
    }
}
