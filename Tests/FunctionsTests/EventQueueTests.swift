import Foundation
import JSON
import OperationTesting
import Storage
import Testing

@testable import Functions

@Suite("Events", .timeLimit(.minutes(3)))
struct EventQueueTests {
    private static let event = Array("{}".utf8)

    @Test("are tried again as often as there are pauses, and then dropped")
    func failures() async throws {
        try await Bench.with { limits in
            limits.eventPauses = [.milliseconds(10), .milliseconds(20)]
        } _: { bench in
            try await bench.create("f", "echo tried >> \(bench.folder)/tries; exit 1")
            for id in ["a", "b"] { try await bench.service.events.accept("f", payload: Self.event, requestID: id) }
            try await eventually("the last try") { try await bench.events() == 0 }
            #expect(bench.text("tries").split(separator: "\n").count == 6)
        }
    }

    @Test("of a deleted function go with it")
    func deletion() async throws {
        try await Bench.with { limits in
            limits.eventPauses = [.seconds(600)]
        } _: { bench in
            try await bench.create("f", "echo tried >> \(bench.folder)/tries; exit 1")
            try await bench.service.events.accept("f", payload: Self.event, requestID: "a")
            try await eventually("the first try") { bench.text("tries") == "tried\n" }
            try await bench.call("DeleteFunction", "f")
            #expect(try await bench.events() == 0)
        }
    }

    @Test("are bounded in number and in bytes")
    func bounds() async throws {
        try await Bench.with { limits in
            limits.maxEvents = 3
            limits.maxEventsBytes = 100
        } _: { bench in
            try await bench.create("f", "exec sleep 600")
            let events = bench.service.events
            await expectError("TooManyRequestsException") {
                try await events.accept("f", payload: [UInt8](repeating: 0x20, count: 101), requestID: "x")
            }
            for id in ["a", "b", "c"] { try await events.accept("f", payload: Self.event, requestID: id) }
            await expectError("TooManyRequestsException") { try await events.accept("f", payload: Self.event, requestID: "d") }
        }
    }

    @Test("that run when the server stops are there at its next start, and have not failed")
    func stop() async throws {
        try await Bench.with { limits in
            limits.eventPauses = []
        } _: { bench in
            try await bench.create("f", "echo started >> \(bench.folder)/starts; [ -e \(bench.folder)/go ] && exit 1; exec sleep 600")
            try await bench.service.events.accept("f", payload: Self.event, requestID: "a")
            try await eventually("the start") { bench.text("starts") == "started\n" }
            await bench.service.shutdown()
            #expect(try await bench.events() == 1)
            // Now it fails, for the first and last time.
            #expect(FileManager.default.createFile(atPath: "\(bench.folder)/go", contents: nil))
            let next = try Bench(store: bench.store, folder: bench.folder) { $0.eventPauses = [] }
            try await next.service.start()
            try await eventually("the second start") { try await next.events() == 0 }
            #expect(next.text("starts") == "started\nstarted\n")
            await next.service.shutdown()
        }
    }

    @Test("wait for a function that may have no instances")
    func throttled() async throws {
        try await Bench.with { limits in
            limits.eventPauses = []
        } _: { bench in
            try await bench.create("f", "echo tried >> \(bench.folder)/tries; exit 1")
            try await bench.call("PutFunctionConcurrency", "f", ["ReservedConcurrentExecutions": 0])
            try await bench.service.events.accept("f", payload: Self.event, requestID: "a")
            #expect(try await bench.events() == 1)
            try await bench.call("DeleteFunctionConcurrency", "f")
            try await eventually("the try") { try await bench.events() == 0 }
            #expect(bench.text("tries") == "tried\n")
        }
    }
}
