import AWSAPI
import Foundation
import JSON
import Logging
import NIOCore
import OperationTesting
import Storage
import Testing

@testable import Targets

@Suite("The embedded S3")
struct S3ServiceTests {
    private let folder = NSTemporaryDirectory() + "roost-s3-" + UUID().uuidString
    private let store: any Store

    init() throws {
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        self.store = try SQLiteStore.inMemory(
            migrations: TargetsService.migrations, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func service() -> S3Service {
        S3Service(
            store: self.store, account: OperationCaller.account, folder: self.folder, limits: TargetLimits(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: { 1_700_000_000_000 })
    }

    private func withService(_ body: (S3Service) async throws -> Void) async throws {
        defer { try? FileManager.default.removeItem(atPath: self.folder) }
        try await body(self.service())
    }

    private func put(_ text: String, _ key: String, _ s3: S3Service) async throws {
        _ = try await s3.put(S3Service.Upload(content: ByteBuffer(string: text), headers: [:]), key: key, in: "bucket", makesBucket: true)
    }

    private func files() throws -> [String] {
        let root = self.folder + "/targets/s3"
        return try FileManager.default.subpathsOfDirectory(atPath: root).filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isFolder) && !isFolder.boolValue
        }.sorted()
    }

    @Test("contents get the names of their keys; those of deleted and overwritten objects go")
    func settles() async throws {
        try await self.withService { s3 in
            for number in 0..<300 { try await self.put("\(number)", "days/\(number % 3).json", s3) }
            try await s3.delete(["days/1.json", "days/nothing"], in: "bucket")
            await s3.publisher.settle()
            #expect(try self.files() == ["bucket/days/0.json", "bucket/days/2.json"])
            #expect(try await s3.content("days/0.json", in: "bucket").content == ByteBuffer(string: "297"))
            try await s3.delete(["days/0.json", "days/2.json"], in: "bucket")
            try await s3.deleteBucket("bucket")
            await s3.publisher.settle()
            #expect(try FileManager.default.subpathsOfDirectory(atPath: self.folder + "/targets/s3") == [".staging"])
        }
    }

    @Test("what a crash left undone is done at the next start")
    func recovers() async throws {
        try await self.withService { s3 in
            try await self.put("one", "one.json", s3)
            try await self.put("two", "two.json", s3)
            await s3.publisher.settle()
            // An object whose row is written but whose file has not its name yet, an upload that was never acknowledged, an object whose
            // file has its name but whose row does not know, and one that is deleted but whose file is there.
            let staged = try s3.files.stage(ByteBuffer(string: "new"))
            _ = try s3.files.stage(ByteBuffer(string: "nobody's"))
            try await self.store.write { connection in
                let sql = "UPDATE s3_object SET staged = ?, bytes = 3, position = position + 10 WHERE key = ?"
                try connection.execute(sql, [.text(staged), .blob(Array("one.json".utf8))])
                try connection.execute(
                    "INSERT INTO s3_removal (bucket, key) VALUES ('bucket', ?)", [.blob(Array("gone.json".utf8))])
                try connection.execute(
                    "UPDATE s3_object SET staged = 'renamed-already' WHERE key = ?", [.blob(Array("two.json".utf8))])
            }
            try Data("gone".utf8).write(to: URL(fileURLWithPath: self.folder + "/targets/s3/bucket/gone.json"))
            #expect(try await s3.content("one.json", in: "bucket").content == ByteBuffer(string: "new"))
            #expect(try await s3.content("two.json", in: "bucket").content == ByteBuffer(string: "two"))
            let next = self.service()
            try await next.start()
            await next.publisher.settle()
            #expect(try self.files() == ["bucket/one.json", "bucket/two.json"])
            #expect(try await next.content("one.json", in: "bucket").content == ByteBuffer(string: "new"))
            #expect(try await next.object("two.json", in: "bucket").staged == nil)
        }
    }

    @Test("a reader gets an object's own content however often it is overwritten")
    func readersAndWriters() async throws {
        try await self.withService { s3 in
            try await self.put("0", "k", s3)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for number in 0..<25 { try await self.put(String(repeating: "\(writer)", count: number + 1), "k", s3) }
                    }
                }
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<50 {
                            do {
                                let (object, content) = try await s3.content("k", in: "bucket")
                                #expect(content.readableBytes == object.bytes)
                                #expect(Set(content.readableBytesView).count == 1)
                            } catch let error as AWSError {
                                // So many overwrites at once that no look found it still.
                                #expect(error.name == "SlowDown")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            await s3.publisher.settle()
            #expect(try self.files() == ["bucket/k%"])
        }
    }

    @Test("a rule makes a missing bucket, others are told; a refused upload leaves no file")
    func missingBucket() async throws {
        try await self.withService { s3 in
            let upload = S3Service.Upload(content: ByteBuffer(string: "x"), headers: [:])
            await expectError("NoSuchBucket") { try await s3.put(upload, key: "k", in: "bucket", makesBucket: false) }
            await expectError("InvalidBucketName") { try await s3.put(upload, key: "k", in: "No", makesBucket: true) }
            await expectError("KeyTooLongError") {
                try await s3.put(upload, key: String(repeating: "k", count: 1025), in: "bucket", makesBucket: true)
            }
            await s3.publisher.settle()
            #expect(try self.files().isEmpty)
            _ = try await s3.put(upload, key: "k", in: "bucket", makesBucket: true)
            #expect(try await s3.contents() == [TargetSummary(name: "bucket", kind: "bucket", records: 1, bytes: 1)])
            let record = try #require(try await s3.record(of: "bucket", key: "k"))
            #expect((record.position, record.body) == (1, Array("x".utf8)))
            #expect(try await s3.records(of: "bucket", after: 1, limit: 10)?.isEmpty == true)
            #expect(try await s3.records(of: "other", after: nil, limit: 10) == nil)
        }
    }
}
