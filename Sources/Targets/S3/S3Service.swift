import AWSAPI
import Crypto
import JSON
import Logging
import NIOCore
import Storage

/// The embedded S3: buckets and objects, the contents as files below the data folder.
final class S3Service: Sendable {
    /// A content is looked for anew this often when the object is overwritten while it is read: SlowDown.
    private static let readAttempts = 8

    let store: any Store
    let account: AccountContext
    let limits: TargetLimits
    let files: ObjectFiles
    let publisher: ObjectPublisher
    let clock: @Sendable () -> Int64

    init(
        store: any Store, account: AccountContext, folder: String, limits: TargetLimits, logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.account = account
        self.limits = limits
        self.files = ObjectFiles(folder: folder)
        self.publisher = ObjectPublisher(store: store, files: self.files, logger: logger)
        self.clock = clock
    }

    /// Does what a crash left undone: no file stays that no object owns.
    func start() async throws {
        let files = self.files
        let found = try await files.run { try files.stagedNames() }
        let known = try await self.store.read { try ObjectTable(connection: $0).staged(limit: Int(Int32.max)) }
        await self.publisher.publish(Array(Set(found).union(known)))
        await self.publisher.remove()
    }

    // MARK: Buckets

    /// - Returns: false when the bucket was there.
    func create(_ name: String) async throws -> Bool {
        guard BucketName.isValid(name) else { throw S3Error.invalidBucketName(name) }
        let (limit, now) = (self.limits.maxTargets, self.clock())
        return try await self.store.write { connection in
            let table = ObjectTable(connection: connection)
            if try table.bucket(name) != nil { return false }
            guard try table.create(S3Bucket(name: name, createdAt: now), limit: limit) else { throw S3Error.tooManyBuckets }
            return true
        }
    }

    func bucket(_ name: String) async throws -> S3Bucket {
        try await self.store.read { try ObjectTable(connection: $0).existing(name) }
    }

    func deleteBucket(_ name: String) async throws {
        try await self.store.write { connection in
            let table = ObjectTable(connection: connection)
            guard try table.existing(name).objects == 0 else { throw S3Error.bucketNotEmpty }
            try table.deleteBucket(name)
        }
    }

    // MARK: Objects

    /// What an object is made of.
    struct Upload: Sendable {
        var content: ByteBuffer
        var headers: JSONObject
        /// `If-Match` and `If-None-Match`.
        var conditions = Conditions()
    }

    struct Conditions: Sendable, Hashable {
        var match: String?
        var noneMatch: String?
    }

    /// Keeps an object: it is on disk when this returns.
    ///
    /// - Parameter makesBucket: for rules, on whose behalf nobody made the bucket.
    func put(_ upload: Upload, key: String, in name: String, makesBucket: Bool) async throws -> S3Object {
        guard (1...S3Limits.maxKeyBytes).contains(key.utf8.count) else { throw S3Error.keyTooLong }
        guard !makesBucket || BucketName.isValid(name) else { throw S3Error.invalidBucketName(name) }
        let (files, limit, now) = (self.files, self.limits.maxTargets, self.clock())
        let etag = Hex.text(upload.content.withUnsafeReadableBytes { Insecure.MD5.hash(data: $0) })
        let staged = try await files.run { try files.stage(upload.content) }
        var object = S3Object(key: key, bytes: upload.content.readableBytes, etag: etag, modifiedAt: now, headers: upload.headers)
        object.staged = staged
        do {
            try await self.store.write { [object] connection in
                let table = ObjectTable(connection: connection)
                if makesBucket, try table.bucket(name) == nil {
                    guard try table.create(S3Bucket(name: name, createdAt: now), limit: limit) else { throw S3Error.tooManyBuckets }
                }
                let bucket = try table.existing(name)
                let old = try table.object(key, in: name)
                try upload.conditions.check(before: old, key: key)
                try table.put(object, in: bucket, replacing: old)
            }
        } catch {
            // A failed commit may still be on disk, so whether the file is wanted is for the rows to say.
            await self.publisher.publish([staged])
            throw error
        }
        await self.publisher.publish([staged])
        return object
    }

    func object(_ key: String, in bucket: String) async throws -> S3Object {
        try await self.store.read { connection in
            let table = ObjectTable(connection: connection)
            if let object = try table.object(key, in: bucket) { return object }
            _ = try table.existing(bucket)
            throw S3Error.noSuchKey(key)
        }
    }

    /// An object and its content, which belong together even when the object is overwritten meanwhile.
    func content(_ key: String, in bucket: String) async throws -> (object: S3Object, content: ByteBuffer) {
        let (files, path) = (self.files, ObjectPath.path(of: key))
        for _ in 0..<Self.readAttempts {
            let object = try await self.object(key, in: bucket)
            let content = try await files.run { try files.read(staged: object.staged, path: path, in: bucket) }
            let after = try await self.object(key, in: bucket)
            guard after.position == object.position else { continue }
            guard let content, content.readableBytes == object.bytes else {
                // Its file got its name between the two looks, or somebody changed it by hand.
                if after.staged != object.staged { continue }
                throw ObjectFiles.Failure(what: "find the \(object.bytes) bytes of \(key) in", path: "\(bucket)/\(path)", code: 2)
            }
            return (object, content)
        }
        throw S3Error.slowDown
    }

    func delete(_ keys: [String], in name: String) async throws {
        let deleted = try await self.store.write { connection in
            let table = ObjectTable(connection: connection)
            var count = 0
            for key in keys where try table.delete(key, in: try table.existing(name)) { count += 1 }
            if keys.isEmpty { _ = try table.existing(name) }
            return count
        }
        if deleted > 0 { await self.publisher.remove() }
    }
}

extension ObjectTable {
    func existing(_ name: String) throws -> S3Bucket {
        guard let bucket = try self.bucket(name) else { throw S3Error.noSuchBucket(name) }
        return bucket
    }
}

extension S3Service.Conditions {
    /// Of a write (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
    func check(before old: S3Object?, key: String) throws {
        if let match {
            guard let old else { throw S3Error.noSuchKey(key) }
            guard Self.contains(match, old.etag) else { throw S3Error.preconditionFailed("If-Match") }
        }
        if let noneMatch, let old, Self.contains(noneMatch, old.etag) { throw S3Error.preconditionFailed("If-None-Match") }
    }

    /// Of a read. False when the reader has this object already (304).
    func allow(_ object: S3Object) throws -> Bool {
        if let match, !Self.contains(match, object.etag) { throw S3Error.preconditionFailed("If-Match") }
        return noneMatch.map { !Self.contains($0, object.etag) } ?? true
    }

    private static func contains(_ list: String, _ etag: String) -> Bool {
        list.split(separator: ",").contains { part in
            let tag = part.filter { $0 != " " && $0 != "\"" }
            return tag == "*" || tag == etag
        }
    }
}
