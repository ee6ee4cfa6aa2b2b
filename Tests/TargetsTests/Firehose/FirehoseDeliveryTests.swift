import AWSAPI
import Foundation
import JSON
import Logging
import NIOCore
import Storage
import Synchronization
import Testing

@testable import Targets

@Suite("What delivery streams write into buckets")
struct FirehoseDeliveryTests {
    private final class Clock: Sendable {
        private let milliseconds = Mutex(Int64(1_700_000_000_000))

        var now: Int64 { self.milliseconds.withLock { $0 } }
        func pass(seconds: Int64) { self.milliseconds.withLock { $0 += seconds * 1_000 } }
    }

    private let folder: String
    private let clock = Clock()
    private let targets: TargetsService
    private let delivery: FirehoseDelivery
    private static let caller = Caller.accessKey(id: "AKIATEST")

    init() throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("roost-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let clock = self.clock
        self.targets = TargetsService(
            store: try SQLiteStore.inMemory(migrations: TargetsService.migrations, logger: logger),
            account: AccountContext(region: "eu-west-1", account: "123456789012"), folder: self.folder, logger: logger,
            clock: { clock.now })
        self.delivery = FirehoseDelivery(firehose: self.targets.firehose, s3: self.targets.s3, logger: logger)
    }

    private static func destination(seconds: Int, _ others: JSONObject = [:]) throws -> FirehoseDestination {
        var configuration: JSONObject = [
            "RoleARN": "arn:aws:iam::1:role/r", "BucketARN": "arn:aws:s3:::lamps", "Prefix": "p/",
            "BufferingHints": ["SizeInMBs": 1, "IntervalInSeconds": JSONValue(seconds)],
        ]
        for (key, value) in others { configuration[key] = value }
        return try FirehoseDestination(configuration)
    }

    private func make(_ stream: String, seconds: Int) async throws {
        let firehose = self.targets.firehose
        let destination = try Self.destination(seconds: seconds)
        try await firehose.store.write { try firehose.create(stream, to: destination, $0) }
    }

    private func put(_ records: String..., into stream: String) async throws {
        _ = try await self.targets.firehose.put(records.map { Array($0.utf8) }, into: stream, for: Self.caller)
    }

    /// The contents of all objects, in the order of their keys.
    private func contents() async throws -> [String] {
        let keys = try await self.targets.s3.store.read { connection in
            try connection.query("SELECT key FROM s3_object ORDER BY key").map { String(decoding: try $0.blob(0), as: UTF8.self) }
        }
        var contents: [String] = []
        for key in keys {
            #expect(key.hasPrefix("p/2023/11/14/22/s-1-2023-11-14-22-"))
            contents.append(String(buffer: try await self.targets.s3.content(key, in: "lamps").content))
        }
        return contents
    }

    private func finish() async throws {
        await self.targets.s3.publisher.settle()
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    @Test("records wait for their interval and are written once")
    func interval() async throws {
        try await self.targets.s3.start()
        _ = try await self.targets.s3.create("lamps")
        try await self.make("s", seconds: 60)
        try await self.put("a", "b", into: "s")
        #expect(try await self.delivery.deliverAll() == .seconds(60))
        self.clock.pass(seconds: 59)
        try await self.put("c", into: "s")
        #expect(try await self.delivery.deliverAll() == .seconds(1))
        #expect(try await self.contents() == [])
        self.clock.pass(seconds: 1)
        #expect(try await self.delivery.deliverAll() > .seconds(60))
        _ = try await self.delivery.deliverAll()
        #expect(try await self.contents() == ["abc"])
        try await self.finish()
    }

    @Test("records that fill the buffer do not wait")
    func size() async throws {
        try await self.targets.s3.start()
        _ = try await self.targets.s3.create("lamps")
        try await self.make("s", seconds: 900)
        try await self.put(String(repeating: "x", count: 1_000_000), into: "s")
        #expect(try await self.delivery.deliverAll() == .seconds(900))
        try await self.put(String(repeating: "y", count: 48_576), into: "s")
        _ = try await self.delivery.deliverAll()
        #expect(try await self.contents().map(\.count) == [1 << 20])
        try await self.finish()
    }

    @Test("records wait for a bucket that is gone, and hold up no other stream")
    func noBucket() async throws {
        try await self.targets.s3.start()
        try await self.make("s", seconds: 0)
        try await self.put("a", into: "s")
        #expect(try await self.delivery.deliverAll() == .seconds(10))
        _ = try await self.targets.s3.create("lamps")
        _ = try await self.delivery.deliverAll()
        #expect(try await self.contents() == ["a"])
        try await self.finish()
    }

    @Test(
        "what a bucket cannot get is refused",
        arguments: [
            ["BucketARN": "lamps"], ["Prefix": "!{firehose:random-string}/"], ["CompressionFormat": "GZIP"], ["S3BackupMode": "Enabled"],
            ["ProcessingConfiguration": ["Enabled": true]], ["BufferingHints": ["SizeInMBs": 65]], ["Colour": "red"], ["RoleARN": nil],
        ] as [JSONObject])
    func refused(_ others: JSONObject) {
        #expect(throws: AWSError.self) { try Self.destination(seconds: 0, others) }
    }

    @Test("what is off may be said to be off, and is told so")
    func off() throws {
        let destination = try Self.destination(
            seconds: 0,
            [
                "CompressionFormat": "UNCOMPRESSED", "S3BackupMode": "Disabled",
                "ProcessingConfiguration": ["Enabled": false, "Processors": []],
                "EncryptionConfiguration": ["NoEncryptionConfig": "NoEncryption"], "CustomTimeZone": "UTC",
            ])
        #expect(try FirehoseDestination(destination.configuration).configuration == destination.configuration)
        #expect(destination.described["CompressionFormat"] == "UNCOMPRESSED")
    }
}
