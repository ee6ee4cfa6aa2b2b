import Foundation
import Testing

@testable import Rules

/// What the fuzzer starts from and what once broke the language, each read and evaluated again in every build.
@Suite struct SQLFuzzReplayTests {
    private static var inputs: [URL] {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return ["Seeds", "Crashers"].flatMap { folder in
            let found = try? FileManager.default.contentsOfDirectory(
                at: root.appending(components: "FuzzTesting", folder, "sql"), includingPropertiesForKeys: nil)
            return found ?? []
        }
    }

    @Test func seedsAreFound() { #expect(Self.inputs.count >= 10) }

    /// The first byte is the version, the last line the payload, the rest a statement and a template.
    @Test(arguments: inputs) func isEvaluatedOrRefused(input: URL) throws {
        let bytes = try Data(contentsOf: input)
        let version = SQLVersion.allCases[Int(bytes.first ?? 0) % SQLVersion.allCases.count]
        let rest = bytes.dropFirst()
        let split = rest.lastIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        let text = String(decoding: rest[..<split], as: UTF8.self)
        let message = SQLMessage(topic: "a/b/c", payload: Array(rest[split...].dropFirst()), timestampMilliseconds: SQLFixture.now)
        let plain = try SQLStatement(parsing: "SELECT 1 AS x", version: .v2016)
        _ = try? SubstitutionTemplate(parsing: text, in: plain).evaluate(message)
        guard let statement = try? SQLStatement(parsing: text, version: version) else { return }
        #expect(try SQLStatement(parsing: statement.description, version: version).syntax == statement.syntax)
        _ = SQLFixture.text(statement.evaluate(message))
    }
}
