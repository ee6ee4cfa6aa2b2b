import AWSAPI
import JSON
import NIOCore
import Storage

/// What the embedded S3 shows of itself: buckets, and objects with their contents.
extension S3Service: EmbeddedTarget {
    var service: String { "s3" }

    func contents() async throws -> [TargetSummary] {
        let limit = self.limits.maxTargets
        return try await self.store.read { try ObjectTable(connection: $0).buckets(limit: limit) }.map {
            TargetSummary(name: $0.name, kind: "bucket", records: $0.objects, bytes: $0.bytes)
        }
    }

    func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]? {
        let objects = try await self.store.read { connection -> [S3Object]? in
            let table = ObjectTable(connection: connection)
            guard try table.bucket(name) != nil else { return nil }
            return try table.newest(in: name, after: position ?? 0, limit: limit)
        }
        guard let objects else { return nil }
        var records: [TargetRecord] = []
        var bytes = 0
        for object in objects {
            bytes += object.bytes
            guard records.isEmpty || bytes <= S3Limits.maxShownBytes else { break }
            // One that is deleted meanwhile is not there to be shown.
            if let record = try await self.record(of: name, key: object.key) { records.append(record) }
        }
        return records.reversed()
    }

    func record(of name: String, key: String) async throws -> TargetRecord? {
        let found = try await self.store.read { try ObjectTable(connection: $0).object(key, in: name) }
        guard found != nil else { return nil }
        let object: S3Object
        let content: ByteBuffer
        do {
            (object, content) = try await self.content(key, in: name)
        } catch let error as AWSError where error.name == "NoSuchKey" {
            return nil
        }
        var attributes = object.headers
        attributes["etag"] = .string(object.etag)
        attributes["path"] = .string("targets/s3/\(name)/\(ObjectPath.path(of: key))")
        return TargetRecord(
            position: object.position, key: key, time: object.modifiedAt, attributes: attributes, body: Array(content.readableBytesView))
    }
}
