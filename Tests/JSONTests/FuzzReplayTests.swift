import Foundation
import JSON
import Testing

/// What the fuzzer starts from and what once broke the parser, each read again in every build.
@Suite struct FuzzReplayTests {
    private static var inputs: [URL] {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return ["Seeds", "Crashers"].flatMap { folder in
            let found = try? FileManager.default.contentsOfDirectory(
                at: root.appending(components: "FuzzTesting", folder, "json"), includingPropertiesForKeys: nil)
            return found ?? []
        }
    }

    @Test func seedsAreFound() { #expect(Self.inputs.count >= 10) }

    @Test(arguments: inputs) func isReadOrRefused(input: URL) throws {
        let bytes = try Data(contentsOf: input)
        do {
            let value = try JSONValue(parsing: bytes)
            #expect(try JSONValue(parsing: value.serialized()) == value)
        } catch {
            #expect(error.offset <= bytes.count)
        }
    }
}
