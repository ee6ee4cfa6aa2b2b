import Foundation
import JSON
import OperationTesting
import Testing

@testable import Functions

@Suite("The code of functions", .timeLimit(.minutes(3)))
struct CodeStoreTests {
    private static func answer(_ bench: Bench, _ name: String) async throws -> String {
        try await bench.service.invoke(name, payload: []).errorText ?? ""
    }

    @Test("is one file for each function, which goes with it")
    func files() async throws {
        try await Bench.with { bench in
            try await bench.create("f", "exit 1")
            try await bench.create("g", "exit 2")
            #expect(bench.codeFiles.count == 2)
            #expect(try await Self.answer(bench, "f").contains("exit status 1"))
            #expect(bench.codeFiles.count == 3)
            try await bench.call("UpdateFunctionCode", "f", ["ZipFile": .string(Bench.zip("exit 5"))])
            #expect(try await Self.answer(bench, "f").contains("exit status 5"))
            try await bench.call("DeleteFunction", "f")
            try await eventually("the end of the old code") { bench.codeFiles.count == 1 }
            #expect(try await Self.answer(bench, "g").contains("exit status 2"))
        }
    }

    @Test("is not kept when its change fails")
    func refusals() async throws {
        try await Bench.with { bench in
            try await bench.create("f", "exit 1")
            let files = bench.codeFiles
            let zip = JSONValue.string(Bench.zip("exit 2"))
            await expectError("PreconditionFailedException") {
                try await bench.call("UpdateFunctionCode", "f", ["ZipFile": zip, "RevisionId": "old"])
            }
            await expectError("ResourceConflictException") { try await bench.create("f", "exit 2") }
            await expectError("ResourceNotFoundException") { try await bench.call("UpdateFunctionCode", "g", ["ZipFile": zip]) }
            try await bench.call("UpdateFunctionCode", "f", ["ZipFile": zip, "DryRun": true])
            #expect(bench.codeFiles == files)
            #expect(try await Self.answer(bench, "f").contains("exit status 1"))
        }
    }

    @Test("is whole however many changes there are at one time")
    func races() async throws {
        try await Bench.with { bench in
            try await bench.create("f", "exit 1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for status in 2..<20 {
                    group.addTask { try await bench.call("UpdateFunctionCode", "f", ["ZipFile": .string(Bench.zip("exit \(status)"))]) }
                    group.addTask {
                        let answer = try await Self.answer(bench, "f")
                        #expect(answer.contains("exit status"))
                    }
                    group.addTask {
                        _ = try await bench.call("UpdateFunctionCode", "f", ["ZipFile": .string(Bench.zip("exit 99")), "DryRun": true])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.answer(bench, "f").contains("exit status"))
            try await eventually("the end of the old code") { bench.codeFiles.count == 2 }
        }
    }

    @Test("that is running stays until it is done")
    func inUse() async throws {
        try await Bench.with { bench in
            let script = """
                echo 1 > \(bench.folder)/on
                while [ ! -e \(bench.folder)/go ]; do sleep 0.01; done
                cat "$LAMBDA_TASK_ROOT/bootstrap" > /dev/null && exit 6
                """
            try await bench.create("f", script)
            async let answer = Self.answer(bench, "f")
            try await eventually("the start") { bench.text("on") == "1\n" }
            try await bench.call("UpdateFunctionCode", "f", ["ZipFile": .string(Bench.zip("exit 7"))])
            #expect(try await Self.answer(bench, "f").contains("exit status 7"))
            #expect(FileManager.default.createFile(atPath: "\(bench.folder)/go", contents: nil))
            #expect(try await answer.contains("exit status 6"))
            try await eventually("the end of the old code") { bench.codeFiles.count == 2 }
        }
    }

    @Test("that a crash left behind goes at the next start, and what was unpacked is unpacked again")
    func leftOvers() async throws {
        try await Bench.with { bench in
            try await bench.create("f", "exit 1")
            #expect(try await Self.answer(bench, "f").contains("exit status 1"))
            let code = "\(bench.folder)/functions/code"
            let unpacked = try #require(bench.codeFiles.first { !$0.hasSuffix(".zip") })
            // As after a power failure: the names are there, the contents are not.
            #expect(FileManager.default.createFile(atPath: "\(code)/\(unpacked)/bootstrap", contents: nil))
            for name in ["other.zip", "half.zip.part"] { #expect(FileManager.default.createFile(atPath: "\(code)/\(name)", contents: nil)) }
            let next = try Bench(store: bench.store, folder: bench.folder)
            try await next.service.start()
            #expect(next.codeFiles == ["\(unpacked).zip"])
            #expect(try await Self.answer(next, "f").contains("exit status 1"))
            await next.service.shutdown()
        }
    }
}
