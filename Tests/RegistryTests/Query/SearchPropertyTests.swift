import JSON
import OperationTesting
import Storage
import Testing

@testable import Registry

/// Random fleets and random queries: what the index finds is what the matcher finds among all documents.
@Suite("Searches find what their queries say")
struct SearchPropertyTests {
    /// A generator whose runs can be told apart by a number (SplitMix64).
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var z = self.state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test("on things with attributes, groups and shadows", arguments: [1, 2, 3] as [UInt64])
    func things(seed: UInt64) async throws {
        var random = Random(state: seed)
        let fixture = try RegistryFixture()
        try await fixture.call(
            "UpdateIndexingConfiguration",
            body: ["thingIndexingConfiguration": ["thingIndexingMode": "REGISTRY", "thingConnectivityIndexingMode": "STATUS"]])
        while try await fixture.registry.indexPassStep() {}
        for group in ["g1", "G2", "g3"] { try await fixture.call("CreateThingGroup", ["thingGroupName": group]) }
        for number in 0..<120 {
            let name = "\(["Lamp", "fan", "pump"].randomElement(using: &random) ?? "")-\(number)"
            try await fixture.createThing(name, Self.attributes(&random))
            if Bool.random(using: &random) {
                let group = ["g1", "G2", "g3"].randomElement(using: &random) ?? "g1"
                try await fixture.call("AddThingToThingGroup", body: ["thingName": .string(name), "thingGroupName": .string(group)])
            }
            if Int.random(in: 0..<5, using: &random) == 0 { try await Self.change(name, &random, fixture) }
            let body = Self.shadow(&random)
            let isConnected = Bool.random(using: &random)
            try await fixture.registry.change { transaction in
                guard let item = try transaction.things.number(of: name) else { return }
                try transaction.setPart(.shadow, of: item, to: body)
                if item % 3 == 0 { try transaction.setPart(.connectivity, of: item, to: ["connected": .bool(isConnected)]) }
            }
        }
        let limits = QueryLimits(characters: 10_000, terms: 100, leadingWildcards: 100, charactersWithLeadingWildcard: 10_000)
        for _ in 0..<300 {
            let text = Self.query(&random, depth: 0)
            let query = try SearchQuery(parsing: text, limits: limits)
            let (found, wanted) = try await fixture.registry.store.read { connection -> ([String], [String]) in
                let configuration = try IndexConfiguration.load(connection)
                let search = IndexSearch(
                    connection: connection, domain: .things, query: query, configuration: configuration,
                    fields: FieldReader(connection, known: fixture.registry.fieldNumbers))
                var found: [String] = []
                var next: Int64 = 0
                while true {
                    let page = try search.things(from: next, limit: 7)
                    found += page.map(\.thing.name)
                    guard page.count == 7, let last = page.last else { break }
                    next = last.thing.number + 1
                }
                let documents = IndexDocuments(connection: connection, configuration: configuration)
                let all = try connection.query("SELECT number FROM registry_things ORDER BY number").compactMap {
                    try documents.thing($0.integer(0))
                }
                return (found, all.filter { query.matches($0.document) }.map(\.thing.name))
            }
            #expect(found == wanted, "seed \(seed): \(text)")
        }
    }

    @Test("aggregations of all things, which need no documents, see what documents say", arguments: [4, 5] as [UInt64])
    func aggregations(seed: UInt64) async throws {
        var random = Random(state: seed)
        let fixture = try RegistryFixture()
        try await fixture.call(
            "UpdateIndexingConfiguration", body: ["thingIndexingConfiguration": ["thingIndexingMode": "REGISTRY"]])
        while try await fixture.registry.indexPassStep() {}
        try await fixture.call("CreateThingType", ["thingTypeName": "lamp"])
        for number in 0..<100 {
            try await fixture.createThing("Thing-\(number)", Self.attributes(&random))
            if number % 3 == 0 { try await fixture.call("UpdateThing", ["thingName": "Thing-\(number)"], body: ["thingTypeName": "lamp"]) }
            if number % 7 == 0 { try await Self.change("Thing-\(number)", &random, fixture) }
        }
        let paths = ["room", "n", "serial", "none"].map { "attributes.\($0)" } + ["registry.version", "thingName", "thingTypeName"]
        for path in paths {
            func read(_ query: String) async throws -> (numbers: [Double], values: [[IndexValue]]) {
                let query = try SearchQuery(parsing: query, limits: .search)
                return try await fixture.registry.store.read { connection in
                    let search = IndexSearch(
                        connection: connection, domain: .things, query: query, configuration: try IndexConfiguration.load(connection),
                        fields: FieldReader(connection, known: fixture.registry.fieldNumbers))
                    var numbers: [Double] = []
                    var values: [[IndexValue]] = []
                    try search.forEachNumber(of: path) { numbers.append($0) }
                    try search.forEachValue(of: path) { values.append($0) }
                    return (numbers.sorted(), values)
                }
            }
            let (all, walked) = (try await read("*"), try await read("thingName:thing*"))
            #expect(all.numbers == walked.numbers && all.values == walked.values, "seed \(seed): \(path)")
            #expect(path == "attributes.none" || !all.values.isEmpty)
        }
    }

    private static func attributes(_ random: inout Random) -> JSONObject {
        var object: JSONObject = [:]
        for name in ["room", "n", "serial"] where Int.random(in: 0..<4, using: &random) > 0 {
            let values = ["hall", "Hall", "attic", "7", "07", "7.5", "-3", "SN-\(Int.random(in: 0..<30, using: &random))"]
            object[name] = .string(values.randomElement(using: &random) ?? "")
        }
        return object
    }

    private static func shadow(_ random: inout Random) -> JSONObject? {
        guard Bool.random(using: &random) else { return nil }
        let words = ["the quick fox", "quick the", "fox", "FOX Quick"]
        let list: [JSONValue] = [1, 2.5, "x", true].shuffled(using: &random)
        return [
            "reported": ["t": .int(Int64.random(in: -5..<30, using: &random)), "note": .string(words.randomElement(using: &random) ?? "")],
            "desired": ["list": .array(Array(list.prefix(2))), "null": nil, "objects": [["a": 1]]],
            "hasDelta": .bool(Bool.random(using: &random)), "version": 3,
        ]
    }

    private static func change(_ name: String, _ random: inout Random, _ fixture: RegistryFixture) async throws {
        if Bool.random(using: &random) {
            try await fixture.call(
                "UpdateThing", ["thingName": name], body: ["attributePayload": ["attributes": .object(self.attributes(&random))]])
        } else {
            try await fixture.call("DeleteThing", ["thingName": name])
        }
    }

    private static func query(_ random: inout Random, depth: Int) -> String {
        if depth < 3, Int.random(in: 0..<3, using: &random) == 0 {
            let parts = (0..<Int.random(in: 2...3, using: &random)).map { _ in self.query(&random, depth: depth + 1) }
            let word = [" AND ", " OR ", " "].randomElement(using: &random) ?? " "
            return (Bool.random(using: &random) ? "NOT " : "") + "(" + parts.joined(separator: word) + ")"
        }
        let terms = [
            "*", "thingName:lamp*", "thingName:*-1?", "thingName:fan-\(Int.random(in: 0..<120, using: &random))", "attributes.room:hall",
            "attributes.room:*", "attributes.n:7", "attributes.n:[0 TO 8}", "attributes.n>=-3", "attributes.serial:sn-*",
            "attributes.serial:[sn-1 TO sn-2]", "attributes.none:x", "thingGroupNames:g2", "thingGroupNames:(g1 OR g3)",
            "shadow.reported.t>10", "shadow.reported.t:[-5 TO 0]", "shadow.reported.note:\"quick fox\"", "shadow.reported.note:quick",
            "shadow.desired.list:2.5", "shadow.desired.list:true", "shadow.hasDelta:true", "connectivity.connected:true",
            "connectivity.connected:false", "connectivity.connected:*", "hall", "quick", "7", "fo*", "shadow.desired.objects.a:1",
            "shadow.version:3", "-attributes.room:attic", "NOT shadow.reported.t:5",
        ]
        return terms.randomElement(using: &random) ?? "*"
    }
}
