import Testing

@testable import roost

@Suite("The address of a target")
struct TargetAddressTests {
    @Test(
        "is two words, or one with a slash, whatever the name holds",
        arguments: [
            (["sqs", "orders"], "sqs", "orders", []), (["sqs/orders"], "sqs", "orders", []),
            (["logs", "/aws/roost"], "logs", "/aws/roost", []), (["logs//aws/roost"], "logs", "/aws/roost", []),
            (["s3", "data", "a/b.json"], "s3", "data", ["a/b.json"]), (["s3/data", "a/b.json"], "s3", "data", ["a/b.json"]),
        ] as [([String], String, String, [String])])
    func parses(_ words: [String], _ service: String, _ name: String, _ rest: [String]) throws {
        let found = try TargetAddress.parse(words)
        #expect(found.address == TargetAddress(service: service, name: name))
        #expect(found.rest == rest)
    }

    @Test("needs a name", arguments: [[], ["sqs"], ["sqs/"]] as [[String]])
    func missing(_ words: [String]) {
        #expect(throws: CommandFailure.self) { try TargetAddress.parse(words) }
    }
}
