import JSON
import Testing

@Suite struct ObjectTests {
    /// The same steps on an object and on a plain list of pairs, for small objects and indexed ones.
    @Test(arguments: [1, 16, 17, 40, 300]) func behavesAsAListOfPairs(keys: Int) {
        var random = SplitMix(seed: UInt64(keys))
        var object = JSONObject()
        var model: [(key: String, value: JSONValue)] = []
        for step in 0..<4000 {
            let key = "k\(random.below(keys))"
            let value = JSONValue(step)
            let place = model.firstIndex { $0.key == key }
            if random.below(3) == 0 {
                #expect(object.removeValue(forKey: key) == place.map { model.remove(at: $0).value })
            } else if let place {
                #expect(object.updateValue(value, forKey: key) == model[place].value)
                model[place].value = value
            } else {
                object[key] = value
                model.append((key, value))
            }
        }
        #expect(object.count == model.count)
        #expect(object.keys == model.map(\.key))
        #expect(object.values == model.map(\.value))
        #expect((0..<keys).allSatisfy { key in object["k\(key)"] == model.first { $0.key == "k\(key)" }?.value })
        object.removeAll { $0.value.intValue.map { $0 % 2 == 0 } ?? false }
        #expect(object.keys == model.filter { ($0.value.intValue ?? 0) % 2 != 0 }.map(\.key))
        #expect(object.allSatisfy { object[$0.key] == $0.value })
    }

    @Test func orderOfMembersDoesNotCountInComparisons() {
        let a: JSONObject = ["x": 1, "y": [1, 2], "z": nil]
        let b: JSONObject = ["z": nil, "x": 1.0, "y": [1, 2]]
        #expect(a == b)
        #expect(a.hashValue == b.hashValue)
        #expect(a != ["x": 1, "y": [2, 1], "z": nil])
        #expect(a != ["x": 1, "y": [1, 2]])
        #expect(a != ["x": 1, "y": [1, 2], "w": nil])
        #expect(a.description == #"{"x":1,"y":[1,2],"z":null}"#)
    }

    @Test func nilRemovesAndNullStays() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = nil
        object["b"] = .null
        #expect(object.serializedForTest == #"{"b":null}"#)
        #expect(object.contains("b"))
        #expect(!object.contains("a"))
        #expect(JSONObject([("a", 1), ("b", 2), ("a", 3)]).serializedForTest == #"{"a":3,"b":2}"#)
    }

    /// Small objects are searched and large ones indexed; the parser goes its own way into both.
    @Test(arguments: [2, 16, 17, 18, 100]) func aKeyReadTwiceKeepsItsFirstPlaceAndItsLastValue(keys: Int) throws {
        let members = (0..<keys).map { "\"k\($0)\":\($0)" }
        for place in [0, keys / 2, keys - 1] {
            let text = "{" + (members + ["\"k\(place)\":-1", "\"last\":0"]).joined(separator: ",") + "}"
            let object = try #require(try JSONValue(parsing: text).objectValue)
            #expect(object.keys == (0..<keys).map { "k\($0)" } + ["last"])
            #expect(object.values == (0..<keys).map { $0 == place ? -1 : JSONValue($0) } + [0])
            #expect(object["k\(place)"] == -1 && object["last"] == 0)
            #expect(throws: JSONParseError.self) { try JSONValue(parsing: text, limits: JSONLimits(duplicateKeys: .reject)) }
        }
    }

    @Test func keysAreComparedByTheirBytes() {
        let object: JSONObject = ["\u{E9}": 1, "e\u{301}": 2, "\u{2126}": 3, "\u{3A9}": 4]
        #expect(object.count == 4)
        #expect(object["e\u{301}"] == 2)
        #expect(object["\u{3A9}"] == 4)
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
    }
}

extension JSONObject {
    fileprivate var serializedForTest: String { JSONValue.object(self).serialized() }
}
