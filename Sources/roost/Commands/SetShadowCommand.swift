import ArgumentParser
import Foundation
import JSON

struct SetShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change a shadow, and print what changed.",
        discussion: """
            What is given is merged into the shadow, key by key; null removes a key or a section. For instance:
              roost shadow set lamp --desired '{"led": "on", "mode": null}'
              echo '{"state": {"desired": {"led": "on"}}, "version": 7}' | roost shadow set lamp -
            """)

    @OptionGroup
    var shadow: ShadowOptions

    @Argument(help: ArgumentHelp("“-” reads a whole request ({\"state\": …}) from standard input.", valueName: "-"))
    var request: String?

    @Option(help: ArgumentHelp("What to merge into desired (a JSON object, or null).", valueName: "json"))
    var desired: String?

    @Option(help: ArgumentHelp("What to merge into reported (a JSON object, or null).", valueName: "json"))
    var reported: String?

    @Option(help: ArgumentHelp("Only if this is the shadow's version now.", valueName: "n"))
    var version: Int64?

    func run() async throws {
        try await self.shadow.withShadow { client, _ in
            let request = try self.update()
            let before = try await client.state()
            let version = try await client.update(request)
            let after = try await client.state()
            try LineOutput().write(Self.report(version, before: before, after: after, text: ShadowText(style: .standardOutput())))
        }
    }

    /// What is said after an update that made `version`.
    static func report(_ version: Int64, before: ShadowState?, after: ShadowState?, text: ShadowText) -> [String] {
        guard let after, after.version >= version else {
            return [text.head(version, timestamp: nil), text.note("the shadow has been deleted since")]
        }
        var lines = [text.head(after.version, timestamp: after.timestamp)]
        let isAlone = after.version == version && before.map { $0.version + 1 == version } ?? true
        if !isAlone { lines.append(text.note("others changed it at the same time: their changes are among these")) }
        return lines + text.difference(from: before ?? .absent, to: after)
    }

    // MARK: The request

    /// Bytes of a request that are read; more than any server takes.
    private static let maxBytes = 1 << 20

    private func update() throws -> JSONValue {
        if let request = self.request {
            guard request == "-" else {
                throw CommandFailure(
                    .usage, "“\(request)” is not understood. Give --desired or --reported, or - to read a request from standard input.")
            }
            guard self.desired == nil, self.reported == nil, self.version == nil else {
                throw CommandFailure(
                    .usage, "With - the whole request comes from standard input: leave out --desired, --reported and --version.")
            }
            return try Self.standardInput()
        }
        guard self.desired != nil || self.reported != nil else {
            throw CommandFailure(.usage, "Nothing to set: give --desired or --reported, or - to read a request from standard input.")
        }
        var state = JSONObject()
        if let desired = self.desired { state["desired"] = try Self.parsed(desired, "--desired") }
        if let reported = self.reported { state["reported"] = try Self.parsed(reported, "--reported") }
        var request: JSONObject = ["state": .object(state)]
        if let version = self.version { request["version"] = .int(version) }
        return .object(request)
    }

    private static func standardInput() throws -> JSONValue {
        guard let data = try? FileHandle.standardInput.read(upToCount: Self.maxBytes + 1) else {
            throw CommandFailure(.usage, "There is no request on standard input.")
        }
        guard data.count <= Self.maxBytes else {
            throw CommandFailure(.usage, "The request on standard input is longer than \(Self.maxBytes) bytes.")
        }
        return try Self.parsed([UInt8](data), "The request on standard input")
    }

    private static func parsed(_ text: String, _ what: String) throws -> JSONValue { try self.parsed(Array(text.utf8), what) }

    private static func parsed(_ bytes: [UInt8], _ what: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw CommandFailure(.usage, "\(what) is not JSON: \(error).")
        }
    }
}
