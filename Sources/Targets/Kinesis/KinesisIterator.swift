import AWSAPI
import Foundation

/// Where a reader of a shard is (Kinesis GetShardIterator).
struct KinesisIterator: Sendable, Hashable {
    /// Of each iterator, in milliseconds: past it GetRecords answers ExpiredIteratorException.
    static let lifetime: Int64 = 300_000

    let stream: String
    let shard: Int
    /// Of the last record that it has behind it.
    let position: Int64
    /// When it was made, in milliseconds since 1970.
    let madeAt: Int64

    init(stream: String, shard: Int, position: Int64, madeAt: Int64) {
        self.stream = stream
        self.shard = shard
        self.position = position
        self.madeAt = madeAt
    }

    /// - Throws: InvalidArgumentException.
    init(_ text: String) throws(AWSError) {
        let parts = Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self).split(separator: ":") } ?? []
        guard parts.count == 4, let shard = Int(parts[0]), let position = Int64(parts[1]), let madeAt = Int64(parts[2]),
            shard >= 0, position >= 0, madeAt >= 0
        else {
            throw .kinesisArgument("Invalid ShardIterator.")
        }
        self.init(stream: String(parts[3]), shard: shard, position: position, madeAt: madeAt)
    }

    var text: String { Data("\(self.shard):\(self.position):\(self.madeAt):\(self.stream)".utf8).base64EncodedString() }
}
