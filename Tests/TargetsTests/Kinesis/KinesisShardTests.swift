import AWSAPI
import JSON
import Testing

@testable import Targets

@Suite("Shards, sequence numbers and iterators of the embedded Kinesis")
struct KinesisShardTests {
    @Test("shards share all hash keys without a gap", arguments: [1, 2, 3, 7, 64, 100])
    func ranges(_ count: Int) {
        let shards = KinesisShards(count: count)
        #expect(shards.range(of: 0).lowerBound == 0)
        #expect(shards.range(of: count - 1).upperBound == .max)
        for index in 0..<count {
            let range = shards.range(of: index)
            #expect(shards.index(of: range.lowerBound) == index)
            #expect(shards.index(of: range.upperBound) == index)
            if index > 0 { #expect(shards.range(of: index - 1).upperBound + 1 == range.lowerBound) }
        }
        #expect(shards.described().count == count)
        #expect(shards.described(after: count - 1).isEmpty)
    }

    @Test("two shards are halves, as in Kinesis")
    func halves() {
        #expect(KinesisShards(count: 2).range(of: 0).upperBound == 170_141_183_460_469_231_731_687_303_715_884_105_727)
    }

    @Test("a partition key's hash key is its MD5")
    func hashKey() {
        #expect(KinesisShards.hashKey(of: "") == 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e)
    }

    @Test("ids of shards are found, others are not")
    func ids() {
        let shards = KinesisShards(count: 2)
        #expect(shards.index(of: "shardId-000000000001") == 1)
        for id in ["shardId-000000000002", "shardId-1", "shardId-+00000000001", "1", ""] { #expect(shards.index(of: id) == nil) }
    }

    @Test("sequence numbers have one length, and are read back")
    func sequences() {
        let texts = [0, 9, 10, Int64.max].map(KinesisSequence.text)
        #expect(texts == texts.sorted())
        #expect(Set(texts.map(\.count)) == [56])
        #expect(texts.map(KinesisSequence.position) == [0, 9, 10, Int64.max])
        for text in ["", "0", "495", "4" + texts[1], texts[1].replacing("9", with: "x"), texts[3].replacing("0", with: "9")] {
            #expect(KinesisSequence.position(text) == nil)
        }
    }

    @Test("iterators are read back, others are refused")
    func iterators() throws {
        let iterator = KinesisIterator(stream: "a.b-c_d", shard: 3, position: 17, madeAt: 99)
        #expect(try KinesisIterator(iterator.text) == iterator)
        for text in ["", "x", "MTox", "MTpiOjM6YQ=="] { #expect(throws: AWSError.self) { try KinesisIterator(text) } }
        // Made up: a time that no clock can be subtracted from.
        let hostile = KinesisIterator(stream: "s", shard: 0, position: 0, madeAt: .min).text
        #expect(throws: AWSError.self) { try KinesisIterator(hostile) }
    }
}
