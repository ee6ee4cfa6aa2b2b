import ArgumentParser
import Foundation
import JSON

struct TargetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target", abstract: "Look at what rules delivered to the services that this server holds itself.",
        subcommands: [ListTargetsCommand.self, TailTargetCommand.self, GetTargetCommand.self])
}

/// What all commands about targets take.
struct TargetOptions: ParsableArguments {
    @Flag(help: "Print JSON, one object a line.")
    var json = false

    @OptionGroup
    var server: RunningServerOptions

    /// Runs a command's body against the running server.
    func withTargets(_ body: (TargetClient) async throws -> Void) async throws {
        try await reportingFailures {
            let endpoints = try self.server.endpoints()
            do {
                try await endpoints.withClient { try await body(TargetClient(client: $0)) }
            } catch is LineOutput.Closed {
                // Who reads has seen enough.
            }
        }
    }
}

struct ListTargetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print the queues, tables, buckets and the like, with what they hold.")

    @Argument(help: "Only this service's, for instance sqs.")
    var service: String?

    @OptionGroup
    var options: TargetOptions

    func run() async throws {
        try await self.options.withTargets { client in
            let found = try await client.list(service: self.service)
            try LineOutput().write(self.options.json ? found.map { $0.serialized() } : Self.table(found))
        }
    }

    private static func table(_ targets: [JSONValue]) -> [String] {
        let columns = ["service", "name", "kind", "records", "bytes"]
        let rows = targets.map { target in
            columns.map { column in target[column]?.stringValue.map(ValueText.harmless) ?? target[column]?.serialized() ?? "" }
        }
        let all = [columns.map { $0.uppercased() }] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let padded = zip(row, widths).map { $0.padding(toLength: max($0.count, $1), withPad: " ", startingAt: 0) }
            return padded.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }
}

struct TailTargetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Print the newest records of a target.",
        discussion: "For instance: roost target tail sqs orders --follow")

    /// How often a follower asks for more.
    private static let pause = Duration.milliseconds(500)

    @Argument(help: "The service and the target's name.")
    var target: [String]

    @Option(name: [.customShort("n"), .customLong("lines")], help: ArgumentHelp("Records to begin with.", valueName: "n"))
    var count = 10

    @Flag(name: [.customShort("f"), .customLong("follow")], help: "Go on with what comes, until Ctrl-C.")
    var follow = false

    @OptionGroup
    var options: TargetOptions

    func run() async throws {
        try await self.options.withTargets { client in
            let (address, rest) = try TargetAddress.parse(self.target)
            guard rest.isEmpty else { throw CommandFailure(.usage, "“\(rest[0])” is one word too many: tail takes a service and a name.") }
            guard (1...1000).contains(self.count) else { throw CommandFailure(.usage, "--lines is \(self.count): give 1 to 1000.") }
            var last = try await self.print(client, address, after: nil, limit: self.count)
            while self.follow {
                try await Task.sleep(for: Self.pause)
                last = try await self.print(client, address, after: last, limit: 1000) ?? last
            }
        }
    }

    /// - Returns: the newest position that was printed.
    private func print(_ client: TargetClient, _ address: TargetAddress, after position: Int64?, limit: Int) async throws -> Int64? {
        let items = try await client.records(of: address, after: position, limit: limit)
        try LineOutput().write(items.map { self.options.json ? $0.json.serialized() : $0.line })
        return items.last?.position
    }
}

struct GetTargetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print the content of one record, byte for byte.",
        discussion: "For instance: roost target get s3 telemetry 2026/lamp.json. Without a key it is the newest record.")

    @Argument(help: "The service, the target's name, and the record's key.")
    var target: [String]

    @OptionGroup
    var options: TargetOptions

    func run() async throws {
        try await self.options.withTargets { client in
            let (address, rest) = try TargetAddress.parse(self.target)
            guard rest.count < 2 else {
                throw CommandFailure(.usage, "“\(rest[1])” is one word too many: get takes a service, a name, a key.")
            }
            let item =
                if let key = rest.first {
                    try await client.record(of: address, key: key)
                } else {
                    try await client.records(of: address, after: nil, limit: 1).last
                }
            guard let item else { throw CommandFailure(.notFound, "There is no record in \(address.name) of \(address.service) yet.") }
            if self.options.json { return try LineOutput().write([item.json.serialized()]) }
            // As it is, for files and pipes.
            try? FileHandle.standardOutput.write(contentsOf: Data(item.body))
        }
    }
}
