import Foundation
import JSON
import Testing

@testable import Shadows

/// What the fuzzer starts from and what once broke shadows, each merged again in every build.
@Suite struct ShadowFuzzReplayTests {
    private static var inputs: [URL] {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return ["Seeds", "Crashers"].flatMap { folder in
            let found = try? FileManager.default.contentsOfDirectory(
                at: root.appending(components: "FuzzTesting", folder, "shadows"), includingPropertiesForKeys: nil)
            return found ?? []
        }
    }

    @Test func seedsAreFound() { #expect(Self.inputs.count >= 10) }

    /// The last line is the second request.
    @Test(arguments: inputs) func isMergedOrRefused(input: URL) throws {
        let bytes = try Data(contentsOf: input)
        let split = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        for limits in [ShadowLimits.aws, .open] {
            var document = ShadowDocument.blank(version: 0)
            for request in [bytes[..<split], bytes[split...].dropFirst()] {
                do throws(ShadowChange.Refusal) {
                    let change = try ShadowChange(parsing: request, limits: limits)
                    let after = document.applying(change, at: 1)
                    #expect(after.applying(change, at: 1).state == after.state)
                    #expect(ShadowDelta(desired: after.desired, reported: after.desired) == nil)
                    document = after
                } catch {
                    #expect(error.problem.code == 400)
                }
            }
            let delta = document.delta?.state ?? [:]
            let reported = ShadowSection.merging(delta, into: document.reported, at: 2)
            #expect(ShadowDelta(desired: document.desired, reported: reported) == nil)
        }
    }
}
