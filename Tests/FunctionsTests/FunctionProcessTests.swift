import AWSAPI
import Foundation
import JSON
import OperationTesting
import Testing

@testable import Functions

/// Functions whose runtime is a line of the shell, which never asks for its work.
@Suite("The processes of functions", .timeLimit(.minutes(3)))
struct FunctionProcessTests {
    /// The number that a script wrote.
    private static func pid(_ bench: Bench, _ file: String) async throws -> Int32 {
        try await eventually("the number of a process") { bench.text(file).hasSuffix("\n") }
        return try #require(Int32(bench.text(file).trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    @Test("end with the room, at work or not")
    func shutdown() async throws {
        try await Bench.with { bench in
            try await bench.create("f", "(sleep 600 & echo $! > \(bench.folder)/child); echo $$ > \(bench.folder)/pid; exec sleep 600")
            async let result = bench.service.invoke("f", payload: Array("{}".utf8))
            let pid = try await Self.pid(bench, "pid")
            let child = try await Self.pid(bench, "child")
            await bench.service.shutdown()
            #expect(try await result.isError)
            #expect(!isRunning(pid))
            try await eventually("the child's end") { !isRunning(child) }
            await expectError("TooManyRequestsException") { try await bench.service.invoke("f", payload: []) }
        }
    }

    @Test("take what they left behind with them")
    func leftBehind() async throws {
        try await Bench.with { bench in
            try await bench.create("f", "sleep 600 > /dev/null 2>&1 & echo $! > \(bench.folder)/pid; exit 3")
            let result = try await bench.service.invoke("f", payload: [])
            #expect(result.errorText?.contains("exit status 3") ?? false)
            let pid = try await Self.pid(bench, "pid")
            try await eventually("the child's end") { !isRunning(pid) }
        }
    }

    @Test("do not keep an invocation waiting because a child holds their output")
    func heldOutput() async throws {
        try await Bench.with { bench in
            try await bench.create("f", "echo last words; sleep 600 & exit 4")
            let result = try await bench.service.invoke("f", payload: [])
            #expect(result.errorText?.contains("exit status 4") ?? false)
            #expect(await bench.lines.all.contains("last words"))
        }
    }

    @Test("are as many as allowed, and no more")
    func bounds() async throws {
        try await Bench.with { limits in
            limits.maxInstances = 3
        } _: { bench in
            let now = "\(bench.folder)/now"
            let script = "mkdir -p \(now); touch \(now)/$$; ls \(now) | wc -l >> \(bench.folder)/counts; sleep 0.1; rm \(now)/$$; exit 1"
            for name in ["f", "g", "h", "i"] { try await bench.create(name, script) }
            try await withThrowingTaskGroup(of: FunctionResult.self) { group in
                for name in ["f", "g", "h", "i", "f", "g"] { group.addTask { try await bench.service.invoke(name, payload: []) } }
                for try await result in group { #expect(result.errorText?.contains("exit status 1") ?? false) }
            }
            let counts = bench.text("counts").split(separator: "\n").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
            #expect(counts.count == 6)
            #expect(counts.allSatisfy { (1...3).contains($0) })
        }
    }

    @Test("that cannot be started say why")
    func entrypoint() async throws {
        try await Bench.with { bench in
            try await bench.create("f", "", ["Code": ["ZipFile": .string(ZipMaker([("other", "")]).data.base64EncodedString())]])
            let missing = try await bench.service.invoke("f", payload: [])
            #expect(missing.errorText?.contains("Runtime.InvalidEntrypoint") ?? false)
            #expect(missing.errorText?.contains("Couldn't find valid bootstrap") ?? false)
            var entry = ZipMaker.Entry(path: "bootstrap", content: Array("no program".utf8))
            try await bench.create("g", "", ["Code": ["ZipFile": .string(ZipMaker([entry]).data.base64EncodedString())]])
            #expect(try await bench.service.invoke("g", payload: []).errorText?.contains("Runtime.InvalidEntrypoint") ?? false)
            entry.mode = 0o100_644
            try await bench.create("h", "", ["Code": ["ZipFile": .string(ZipMaker([entry]).data.base64EncodedString())]])
            #expect(try await bench.service.invoke("h", payload: []).errorText?.contains("permission denied") ?? false)
        }
    }

    @Test("see nothing of the server's environment and files")
    func surroundings() async throws {
        try await Bench.with { bench in
            try await bench.create("f", "env > \(bench.folder)/env; ls -l /proc/$$/fd > \(bench.folder)/fds; exit 1")
            _ = try await bench.service.invoke("f", payload: [])
            let names = Set(bench.text("env").split(separator: "\n").compactMap { $0.split(separator: "=").first.map(String.init) })
            #expect(names.isSuperset(of: ["AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME", "LAMBDA_TASK_ROOT", "_HANDLER"]))
            // What is passed on, and what shells set.
            let passed = ["PATH", "HOME", "LANG", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_"]
            let own = ProcessInfo.processInfo.environment.keys.filter { !passed.contains($0) && !$0.hasPrefix("AWS_") }
            #expect(names.isDisjoint(with: own))
            // Its pipe, its script and the file that it writes; no socket and no database.
            let usual = ["bootstrap", " -> pipe:", "/fds", "/dev/null"]
            let links = bench.text("fds").split(separator: "\n").filter { $0.contains(" -> ") }
            let others = links.filter { link in !usual.contains { link.contains($0) } }
            #expect(others.isEmpty)
        }
    }
}
