import AWSAPI
import Foundation
import JSON
import Logging
import NIOPosix
import OperationTesting
import Storage
import Testing

@testable import Functions

/// A room with a folder of its own, and whatever its functions wrote.
struct Bench {
    let service: FunctionService
    let store: any Store
    let folder: String
    let lines = Lines()

    actor Lines: FunctionLogSink {
        private(set) var all: [String] = []

        func write(group: String, stream: String, lines: [String]) { self.all += lines }
    }

    init(store: (any Store)? = nil, folder: String, _ change: (inout FunctionLimits) -> Void = { _ in }) throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var limits = FunctionLimits()
        change(&limits)
        self.folder = folder
        self.store = try store ?? SQLiteStore.inMemory(migrations: FunctionService.migrations, logger: logger)
        self.service = FunctionService(
            store: self.store, account: OperationCaller.account, folder: folder,
            surroundings: FunctionService.Surroundings(log: self.lines, group: MultiThreadedEventLoopGroup.singleton), limits: limits,
            logger: logger, clock: { Int64(Date().timeIntervalSince1970 * 1000) })
    }

    /// Runs a test with a room that was started and is shut down at the end.
    static func with(
        _ change: (inout FunctionLimits) -> Void = { _ in }, _ body: (Bench) async throws -> Void
    ) async throws {
        let folder = "\(NSTemporaryDirectory())/roost-functions-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bench = try Bench(folder: folder, change)
        try await bench.service.start()
        do {
            try await body(bench)
        } catch {
            await bench.service.shutdown()
            throw error
        }
        await bench.service.shutdown()
    }

    // MARK: Operations

    @discardableResult
    func call(_ operation: String, _ name: String, _ body: JSONObject = [:]) async throws -> JSONValue {
        try await OperationCaller(self.service.operations)
            .call(operation, ["FunctionName": name], query: [:], headers: [:], body: body)
    }

    /// A function whose `bootstrap` is a script of the shell.
    func create(_ name: String, _ script: String, _ fields: JSONObject = [:]) async throws {
        var body: JSONObject = [
            "FunctionName": .string(name), "Runtime": "provided", "Handler": "x", "Role": "arn:aws:iam::1:role/x",
            "Code": ["ZipFile": .string(Self.zip(script))],
        ]
        for (key, value) in fields { body[key] = value }
        try await self.call("CreateFunction", name, body)
    }

    /// In base64.
    static func zip(_ script: String) -> String { ZipMaker([("bootstrap", "#!/bin/sh\n\(script)\n")]).data.base64EncodedString() }

    /// The files in the folder of code.
    var codeFiles: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(self.folder)/functions/code")) ?? []).sorted()
    }

    func events() async throws -> Int {
        let row = try await self.store.read { try $0.queryOne("SELECT COUNT(*) FROM function_event").map { try $0.integer(0) } }
        return Int(row ?? 0)
    }

    /// What a script wrote into a file of the folder.
    func text(_ file: String) -> String {
        FileManager.default.contents(atPath: "\(self.folder)/\(file)").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// Waits for a condition, for at most a minute.
func eventually(_ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while try await !isSo() {
        guard ContinuousClock.now < end else {
            Issue.record("\(what) did not come", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Whether a process is there and has not ended.
func isRunning(_ pid: Int32) -> Bool {
    guard let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
    let text = String(decoding: stat, as: UTF8.self)
    return text.split(separator: ")").last?.split(separator: " ").first != "Z"
}
