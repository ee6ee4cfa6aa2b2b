import AWSAPI
import JSON
import Logging
import Storage
import Testing

@testable import Targets

@Suite("Queues of the embedded SQS")
struct SQSTableTests {
    private let store: any Store
    private let limits: TargetLimits

    init() throws {
        self.store = try SQLiteStore.inMemory(
            migrations: TargetsService.migrations, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var limits = TargetLimits()
        limits.maxRecords = 3
        limits.maxRecordBytes = 100
        limits.maxTargets = 2
        self.limits = limits
    }

    /// - Parameter seconds: the time.
    private func at<T: Sendable>(_ seconds: Int64, _ body: @escaping @Sendable (SQSTable) throws -> T) async throws -> T {
        let limits = self.limits
        return try await self.store.write { try body(SQSTable(connection: $0, limits: limits, now: seconds * 1_000)) }
    }

    private func make(_ name: String, _ attributes: [String: String] = [:]) async throws {
        try await self.at(0) { try $0.create(name, try SQSQueueAttributes(attributes)) }
    }

    private func send(_ bodies: String..., at seconds: Int64) async throws {
        try await self.at(seconds) { table in
            for body in bodies { _ = try table.send(SQSDraft(body: body), to: try table.existing("q"), from: "me") }
        }
    }

    private func receive(_ count: Int = 10, at seconds: Int64) async throws -> [SQSMessage] {
        try await self.at(seconds) { try $0.receive(from: try $0.existing("q"), max: count, hiddenSeconds: 30).messages }
    }

    @Test("a received message is hidden for its time, and counted again with each receive")
    func hidden() async throws {
        try await self.make("q")
        try await self.send("a", "b", at: 1)
        #expect(try await self.receive(1, at: 2).map(\.body) == ["a"])
        #expect(try await self.receive(at: 3).map(\.body) == ["b"])
        #expect(try await self.receive(at: 31).isEmpty)
        #expect(try await self.at(31) { try $0.nextVisible(in: "q") } == 32_000)
        let again = try await self.receive(at: 32)
        #expect(again.map(\.body) == ["a"])
        #expect(again.map(\.receives) == [2])
        #expect(again.map(\.firstReceivedAt) == [2_000])
        #expect(try await self.at(32) { try $0.hidden(in: "q").inFlight } == 2)
    }

    @Test("only the newest receipt handle deletes")
    func receipts() async throws {
        try await self.make("q")
        try await self.send("a", at: 1)
        let first = try #require(try await self.receive(at: 1).first)
        let second = try #require(try await self.receive(at: 40).first)
        let (old, new) = (try SQSReceipt(first.receiptHandle), try SQSReceipt(second.receiptHandle))
        try await self.at(41) { try $0.delete(old, from: "q") }
        #expect(try await self.at(41) { try $0.existing("q").messages } == 1)
        await #expect(throws: AWSError.self) { try await self.at(41) { try $0.setVisibility(of: old, in: "q", seconds: 1) } }
        try await self.at(41) { try $0.setVisibility(of: new, in: "q", seconds: 1) }
        #expect(try await self.receive(at: 42).count == 1)
        let third = try SQSReceipt(try #require(try await self.receive(at: 80).first).receiptHandle)
        try await self.at(81) { try $0.delete(third, from: "q") }
        let queue = try await self.at(81) { try $0.existing("q") }
        #expect((queue.messages, queue.bytes) == (0, 0))
    }

    @Test("a visible message is not in flight")
    func notInFlight() async throws {
        try await self.make("q")
        try await self.send("a", at: 1)
        let receipt = try SQSReceipt(try #require(try await self.receive(at: 1).first).receiptHandle)
        await #expect(throws: AWSError.sqsBatch("MessageNotInflight", "The message that the receipt handle refers to is not in flight.")) {
            try await self.at(31) { try $0.setVisibility(of: receipt, in: "q", seconds: 5) }
        }
    }

    @Test("what is older than the retention period is gone")
    func retention() async throws {
        try await self.make("q", ["MessageRetentionPeriod": "60"])
        try await self.send("old", at: 1)
        try await self.send("new", at: 50)
        #expect(try await self.receive(at: 62).map(\.body) == ["new"])
        #expect(try await self.at(62) { try $0.existing("q").messages } == 1)
    }

    @Test("past the number of messages and their bytes the oldest go")
    func bounds() async throws {
        try await self.make("q")
        try await self.send("a", "b", "c", "d", at: 1)
        #expect(try await self.at(1) { try $0.newest(of: "q", after: nil, limit: 9).map(\.body) } == ["b", "c", "d"])
        try await self.send(String(repeating: "x", count: 99), at: 1)
        let queue = try await self.at(1) { try $0.existing("q") }
        #expect((queue.messages, queue.bytes) == (2, 100))
        await #expect(throws: AWSError.self) {
            try await self.make("r")
            try await self.make("s")
        }
    }

    @Test("a large message pushes out many small ones")
    func manySmall() async throws {
        var limits = TargetLimits()
        limits.maxRecordBytes = 1_000
        let (store, many) = (self.store, limits)
        let queue = try await store.write { connection in
            let table = SQSTable(connection: connection, limits: many, now: 1_000)
            try table.create("q", SQSQueueAttributes())
            for _ in 0..<1_000 { _ = try table.send(SQSDraft(body: "x"), to: try table.existing("q"), from: "me") }
            _ = try table.send(SQSDraft(body: String(repeating: "y", count: 900)), to: try table.existing("q"), from: "me")
            return try table.existing("q")
        }
        #expect(queue.bytes <= 1_000)
        #expect(queue.bytes == 900 + queue.messages - 1)
    }

    @Test("dead letters move, and stay when their queue is gone")
    func deadLetters() async throws {
        try await self.make("dead")
        try await self.make("q", ["RedrivePolicy": #"{"deadLetterTargetArn": "arn:aws:sqs:r:1:dead", "maxReceiveCount": "1"}"#])
        try await self.send("a", at: 1)
        #expect(try await self.receive(at: 1).count == 1)
        let moved = try await self.at(40) { try $0.receive(from: try $0.existing("q"), max: 1, hiddenSeconds: 1) }
        #expect(moved.messages.isEmpty)
        #expect(moved.moved == ["dead"])
        let letter = try await self.at(41) { try $0.receive(from: try $0.existing("dead"), max: 1, hiddenSeconds: 1).messages.first }
        #expect(letter?.origin == "q")
        #expect(letter?.receives == 2)
        try await self.at(41) { try $0.delete("dead") }
        try await self.send("b", at: 50)
        for time in [50, 100, 150] as [Int64] { #expect(try await self.receive(at: time).count == 1) }
    }

    @Test("the digest of attributes is SQS's")
    func digest() throws {
        let attributes = try SQSMessageAttributes([
            "place": ["DataType": "String", "StringValue": "cellar"], "height": ["DataType": "Number.int", "StringValue": "-3"],
            "picture": ["DataType": "Binary", "BinaryValue": "AP8="],
        ])
        #expect(attributes.md5 == "740b6ce81fc5a372ff361bfa18e6100d")
        #expect(SQSMessageAttributes().md5 == nil)
        #expect(SQSMessageAttributes.md5("x") == "9dd4e461268c8034f5c8564e155c67a6")
        #expect(try SQSMessageAttributes(attributes.json).md5 == attributes.md5)
    }

    @Test(
        "wrong attributes are refused",
        arguments: [
            ["a": ["DataType": "String"]], ["a": ["DataType": "Text", "StringValue": "x"]],
            ["a": ["DataType": "Number", "StringValue": "x"]],
            ["a": ["DataType": "Binary", "BinaryValue": "?"]], ["": ["DataType": "String", "StringValue": "x"]], ["a": 1],
            JSONObject((0..<11).map { ("a\($0)", ["DataType": "String", "StringValue": "x"]) }),
        ] as [JSONObject])
    func wrongAttributes(_ attributes: JSONObject) {
        #expect(throws: AWSError.self) { try SQSMessageAttributes(attributes) }
    }

    @Test(
        "wrong receipt handles are refused",
        arguments: ["", "x", "eA==", "MS4=", "MS4yLjM=", "YS5i", String(repeating: "A", count: 2_000)])
    func wrongReceipts(_ text: String) {
        #expect(throws: AWSError.self) { try SQSReceipt(text) }
    }
}
