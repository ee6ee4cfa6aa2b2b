import Foundation
import JSON
import Testing

@testable import Registry

/// What the fuzzer starts from and what once broke queries, each read and matched again in every build.
@Suite struct QueryFuzzReplayTests {
    private static var inputs: [URL] {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return ["Seeds", "Crashers"].flatMap { folder in
            let found = try? FileManager.default.contentsOfDirectory(
                at: root.appending(components: "FuzzTesting", folder, "query"), includingPropertiesForKeys: nil)
            return found ?? []
        }
    }

    @Test func seedsAreFound() { #expect(Self.inputs.count >= 10) }

    /// The last line is the document, the rest the query.
    @Test(arguments: inputs) func meansTheOppositeWithNot(input: URL) throws {
        let bytes = try Data(contentsOf: input)
        let split = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let text = String(decoding: bytes[..<split], as: UTF8.self)
        let object = (try? JSONValue(parsing: Array(bytes[split...].dropFirst())))?.objectValue ?? [:]
        var document = IndexDocument()
        for (path, value) in object {
            document.fields[path] = (value.arrayValue ?? [value]).compactMap { value in
                value.stringValue.map(IndexValue.text) ?? value.boolValue.map(IndexValue.bool) ?? value.doubleValue.map(IndexValue.number)
            }
        }
        let locations = [GeoLocation(field: "place", order: .latitudeFirst)]
        guard let query = try? SearchQuery(parsing: text, locations: locations) else { return }
        let opposite = try SearchQuery(parsing: "NOT (\(text))", locations: locations)
        #expect(query.matches(document) != opposite.matches(document))
    }
}
