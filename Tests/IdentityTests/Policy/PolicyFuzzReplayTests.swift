import Foundation
import Identity
import Testing

/// What the fuzzer starts from and what once broke the policy language, each compiled and decided again in every build.
@Suite struct PolicyFuzzReplayTests {
    private static var inputs: [URL] {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return ["Seeds", "Crashers"].flatMap { folder in
            let found = try? FileManager.default.contentsOfDirectory(
                at: root.appending(components: "FuzzTesting", folder, "policy"), includingPropertiesForKeys: nil)
            return found ?? []
        }
    }

    @Test func seedsAreFound() { #expect(Self.inputs.count >= 10) }

    /// The last line is the topic, the rest the document.
    @Test(arguments: inputs) func isDecidedOrRefused(input: URL) throws {
        let bytes = try Data(contentsOf: input)
        let split = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let text = String(decoding: bytes[..<split], as: UTF8.self)
        guard let document = try? PolicyDocument(parsing: text) else {
            #expect(throws: PolicyError.self) { try PolicyDocument(parsing: text) }
            return
        }
        let set = PolicySet([PolicySet.Entry(name: "seed", version: "1", document: document)])
        let resource = PolicyFixture.arn + "topic/" + String(decoding: bytes[split...].dropFirst(), as: UTF8.self)
        for context in [PolicyContext(), PolicyVariableTests.context] {
            let request = PolicyRequest(action: .publish, resource: resource, context: context)
            #expect(set.explain(request).decision == set.decide(request))
        }
    }
}
