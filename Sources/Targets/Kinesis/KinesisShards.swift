import Crypto
import JSON

/// The shards of a stream: equal parts of the 128-bit hash keys (Kinesis, "Shard"). Streams here are not split or merged.
struct KinesisShards: Sendable, Hashable {
    static let maxCount = 100

    let count: Int

    static func id(_ index: Int) -> String {
        let digits = String(index)
        return "shardId-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// The number in a shard's id; nil when there is no such shard.
    func index(of id: String) -> Int? {
        guard let index = id.hasPrefix("shardId-") ? Int(id.dropFirst(8)) : nil, (0..<self.count).contains(index), Self.id(index) == id
        else {
            return nil
        }
        return index
    }

    /// The shard that records with a hash key go to.
    func index(of hashKey: UInt128) -> Int { min(self.count - 1, Int(hashKey / self.width)) }

    /// The first and the last hash key of a shard. The last shard takes what the division leaves.
    func range(of index: Int) -> ClosedRange<UInt128> {
        let start = self.width * UInt128(index)
        return start...(index == self.count - 1 ? UInt128.max : start + (self.width - 1))
    }

    private var width: UInt128 {
        // 2^128 is one more than the type holds: a single shard has it all, and its width is never added.
        self.count == 1 ? .max : UInt128.max / UInt128(self.count) + (UInt128.max % UInt128(self.count) + 1 == UInt128(self.count) ? 1 : 0)
    }

    /// The hash key of a partition key: its MD5.
    static func hashKey(of partitionKey: String) -> UInt128 {
        Insecure.MD5.hash(data: Array(partitionKey.utf8)).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    }

    /// All after a shard, as the API describes them.
    func described(after index: Int = -1) -> [JSONValue] {
        ((index + 1)..<max(index + 1, self.count)).map { index in
            let range = self.range(of: index)
            return [
                "ShardId": .string(Self.id(index)),
                "HashKeyRange": [
                    "StartingHashKey": .string(String(range.lowerBound)), "EndingHashKey": .string(String(range.upperBound)),
                ],
                "SequenceNumberRange": ["StartingSequenceNumber": .string(KinesisSequence.text(0))],
            ]
        }
    }
}

/// Sequence numbers: positions in the stream's log, as texts of equal length, so that they sort as numbers and as texts.
enum KinesisSequence {
    /// As long as Kinesis's own, which begin like this.
    private static let prefix = "495"
    private static let digits = 53

    static func text(_ position: Int64) -> String {
        let number = String(position)
        return self.prefix + String(repeating: "0", count: max(0, self.digits - number.count)) + number
    }

    /// Nil when this server did not make it.
    static func position(_ text: String) -> Int64? {
        guard text.hasPrefix(self.prefix), text.utf8.count == self.prefix.count + self.digits else { return nil }
        let number = text.dropFirst(self.prefix.count)
        guard number.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int64(number)
    }
}
