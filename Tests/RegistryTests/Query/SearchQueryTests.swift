import Testing

@testable import Registry

@Suite("The query language (AWS IoT Developer Guide, query syntax)")
struct SearchQueryTests {
    private let document = IndexDocument(fields: [
        "thingName": [.text("Lamp-1")], "thingTypeName": [.text("light")], "thingGroupNames": [.text("hall"), .text("house")],
        "attributes.serial": [.text("SN-007")], "attributes.version": [.text("1.10")], "attributes.a:b": [.text("c,d")],
        "shadow.reported.note": [.text("The quick  brown Fox")], "shadow.reported.temperature": [.number(21.5)],
        "shadow.reported.codes": [.number(3), .number(7)], "shadow.hasDelta": [.bool(true)],
        "connectivity.connected": [.bool(false)], "shadow.reported.place": [.text("47.6,-122.3")],
    ])

    @Test(
        "what a query finds",
        arguments: [
            "*", "thingName:lamp-1", "thingName:LAMP-1", "thingName:lamp*", "thingName:l?mp-1", "thingName:*-1", "thingName:*",
            "thingName:l*-*", "lamp-1", "fox", "quick", "21.5", "shadow.reported.note:quick", "shadow.reported.note:\"brown fox\"",
            "shadow.reported.note:\"the quick brown fox\"", "thingGroupNames:hall", "thingGroupNames:(attic OR house)",
            "thingGroupNames:(hall AND house)", "shadow.reported.temperature:21.5", "shadow.reported.temperature:21.50",
            "shadow.reported.temperature>21", "shadow.reported.temperature:>=21.5", "shadow.reported.temperature<=21.5",
            "shadow.reported.temperature:[21 TO 22]", "shadow.reported.temperature:[* TO 22}", "shadow.reported.temperature:{21.4 TO *]",
            "shadow.reported.temperature:[-5 TO 100]", "shadow.reported.codes:7", "shadow.reported.codes>5", "attributes.version>1",
            "attributes.version:[1 TO 1.2]", "attributes.serial:[sn-000 TO sn-100]", "shadow.hasDelta:true",
            "connectivity.connected:false", "NOT thingName:other", "-thingName:other", "thingName:lamp-1 -thingTypeName:fan",
            "thingName:lamp-1 AND NOT thingTypeName:fan", "thingName:other OR thingTypeName:light",
            "thingName:other AND thingTypeName:fan OR thingName:lamp-1", "thingName:lamp-1 OR thingTypeName:fan AND thingName:other",
            "(thingName:other OR thingName:lamp-1) AND thingTypeName:light", "NOT (thingName:other OR thingTypeName:fan)",
            "NOT NOT thingName:lamp-1", "attributes.a\\:b:c\\,d", "attributes.a\\:b:\"c,d\"", "thingName:lamp\\-1", " thingName:lamp-1 ",
            "((((thingName:lamp-1))))",
        ])
    func finds(text: String) throws {
        #expect(try SearchQuery(parsing: text).matches(self.document))
    }

    @Test(
        "what a query does not find",
        arguments: [
            "thingName:lamp", "thingname:lamp-1", "thingName:amp-1", "thingName:lamp?-1", "amp-1", "false", "attic", "attributes.none:*",
            "shadow.reported.note:\"quick fox\"", "shadow.reported.note:\"fox brown\"", "shadow.reported.temperature:21",
            "shadow.reported.temperature>21.5", "shadow.reported.temperature<21.5", "shadow.reported.temperature:{21.5 TO 22]",
            "shadow.reported.temperature:[21 TO 21.5}", "shadow.reported.temperature:[22 TO 21]", "shadow.reported.codes:[4 TO 6]",
            "attributes.serial:[sn-008 TO *]", "thingGroupNames:(hall AND attic)", "NOT *", "thingName:lamp-1 thingTypeName:fan",
            "-thingName:lamp-1", "thingName:other OR thingTypeName:fan", "shadow.hasDelta:false",
        ])
    func findsNot(text: String) throws {
        #expect(try !SearchQuery(parsing: text).matches(self.document))
    }

    @Test(
        "what is no query",
        arguments: [
            "", "   ", "(", ")", "()", "thingName:", "thingName:(", "thingName:()", "thingName:(a", "a)", "AND", "a AND", "OR a", "a OR",
            "NOT", "-", "a AND AND b", "thingName:\"a", "thingName:\"\"", "thingName:\" \"", "a:[1 TO", "a:[1 2]", "a:[1 TO 2", "a:[TO 2]",
            "a:[1* TO 2]", "a>", "a>b", "a>1*", "thingName:/a/", "a~1", "a^2", "thingName:a,b", "a && b", "a || b", "!a", "a:b\\",
            "thingName:(thingTypeName:a)", "thingName:***", "thingName:a??????", "*a *b", "thingName:a#b", "thingName:a'b",
            "shadow.reported.place:geo_distance,47.6,-122.3,10km", "[1 TO 2", "\"",
        ])
    func refused(text: String) {
        #expect(throws: QueryError.self) { try SearchQuery(parsing: text) }
    }

    @Test("the limits: characters, terms, depth, and characters with a leading wildcard")
    func limits() throws {
        func accepts(_ text: String, _ limits: QueryLimits = .search) -> Bool { (try? SearchQuery(parsing: text, limits: limits)) != nil }
        #expect(accepts("thingName:" + String(repeating: "a", count: 990)))
        #expect(!accepts("thingName:" + String(repeating: "a", count: 991)))
        func terms(_ count: Int) -> String { (0..<count).map { "a\($0):b" }.joined(separator: " OR ") }
        #expect(accepts(terms(12)) && !accepts(terms(13)))
        #expect(accepts(terms(5), .dynamicGroup) && !accepts(terms(6), .dynamicGroup))
        func nested(_ depth: Int) -> String { String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth) }
        #expect(accepts(nested(16)) && !accepts(nested(17)))
        #expect(!accepts(String(repeating: "(", count: 1_000)))
        #expect(accepts("thingName:*" + String(repeating: "a", count: 89)))
        #expect(!accepts("thingName:*" + String(repeating: "a", count: 90)))
        #expect(accepts(String(repeating: "NOT ", count: 200) + "a"))
    }

    @Test("errors say where")
    func positions() {
        #expect(throws: QueryError(message: "This \"(\" is not closed", position: 4)) { try SearchQuery(parsing: "a   (b") }
        #expect(throws: QueryError(message: "A comparison needs a number", position: 2)) { try SearchQuery(parsing: "a>b") }
        let error = QueryError(message: "x", position: 0)
        #expect("\(error)" == "x, at character 1 of the query")
    }

    @Test(
        "places",
        arguments: [
            ("47.6,-122.3,1m", true), ("47.7,-122.3,12km", true), ("47.7,-122.3,11km", false), ("47.7,-122.3,7mi", true),
            ("47.7,-122.3,6mi", false), ("47.6,-122.30001,3ft", true), ("47.6,-122.30001,2ft", false),
        ])
    func places(circle: String, isNear: Bool) throws {
        let locations = [GeoLocation(field: "shadow.reported.place", order: .latitudeFirst)]
        let query = try SearchQuery(parsing: "shadow.reported.place:geo_distance,\(circle)", locations: locations)
        for place: [String: [IndexValue]] in [
            ["": [.text("47.6,-122.3")]], ["": [.text("POINT(-122.3 47.6)")]], [".lat": [.number(47.6)], ".lon": [.number(-122.3)]],
            [".latitude": [.number(47.6)], ".longitude": [.number(-122.3)]], ["": [.number(47.6), .number(-122.3)]],
            [".coordinates": [.number(47.6), .number(-122.3)]],
        ] {
            let fields = Dictionary(uniqueKeysWithValues: place.map { ("shadow.reported.place\($0.key)", $0.value) })
            #expect(query.matches(IndexDocument(fields: fields)) == isNear)
        }
        for wrong in ["1,2", "91,0,1km", "0,181,1km", "0,0,1", "0,0,-1km", "a,b,c", "0,0,infkm"] {
            #expect(throws: QueryError.self) {
                try SearchQuery(parsing: "shadow.reported.place:geo_distance,\(wrong)", locations: locations)
            }
        }
    }

    @Test("a pattern that many characters could satisfy takes no time")
    func slowPattern() throws {
        let query = try SearchQuery(parsing: "thingName:a*a*b")
        #expect(!query.matches(IndexDocument(fields: ["thingName": [.text(String(repeating: "a", count: 100_000))]])))
    }
}
