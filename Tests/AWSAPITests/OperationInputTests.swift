import HTTPTypes
import JSON
import NIOCore
import Testing

@testable import AWSAPI

@Suite struct OperationInputTests {
    private func input(_ body: JSONValue, labels: [String: String] = [:], query: String = "", headers: HTTPFields = [:]) -> OperationInput {
        OperationInput(
            labels: labels, query: QueryItem.parse(query), headers: headers, rawBody: ByteBuffer(bytes: body.serializedBytes()))
    }

    private func message(_ read: () throws -> Void) -> String? {
        do {
            try read()
            return nil
        } catch {
            #expect((error as? AWSError)?.name == "InvalidRequestException")
            return (error as? AWSError)?.message
        }
    }

    @Test func membersAreReadFromTheirPlaces() throws {
        let input = self.input(
            ["text": "t", "number": 3, "flag": true, "list": ["a", "b"], "map": ["k": "v"], "object": ["x": 1], "nothing": nil],
            labels: ["thingName": "lamp:1"], query: "maxResults=7&isAscendingOrder=true&tag=a&tag=b%20c&recursive=false",
            headers: [.amznPrincipal: "arn"])
        #expect(try input.string("thingName", in: .label, max: 128, pattern: .thingName) == "lamp:1")
        #expect(try input.optionalInt("maxResults", in: .query, range: 1...250) == 7)
        #expect(try input.bool("ascendingOrder", in: .query("isAscendingOrder")))
        #expect(try input.bool("recursive", in: .query, default: true) == false)
        #expect(try input.bool("absent", in: .query, default: true))
        #expect(input.queryValues("tag") == ["a", "b c"])
        #expect(try input.string("principal", in: .header(.amznPrincipal)) == "arn")
        #expect(try input.string("text") == "t")
        #expect(try input.int("number") == 3)
        #expect(try input.optionalBool("flag") == true)
        #expect(try input.stringList("list") == ["a", "b"])
        #expect(try input.stringMap("map") == ["k": "v"])
        #expect(try input.object("object")["x"] == 1)
        #expect(try OperationInput.nested(input.object("object")).int("x") == 1)
        #expect(try input.optionalString("nothing") == nil)
        #expect(try input.value("nothing") == nil)
    }

    @Test func anEmptyBodyIsAnEmptyObject() throws {
        #expect(try OperationInput().bodyObject() == [:])
        #expect(try OperationInput().optionalString("x") == nil)
    }

    @Test(arguments: ["[]", "1", "\"x\"", "{", "{\"a\":}", "\u{FEFF}{}", "{} {}"]) func aBodyThatIsNoObjectIsRefused(_ text: String) {
        let input = OperationInput(rawBody: ByteBuffer(string: text))
        #expect(self.message { _ = try input.optionalString("x") } != nil)
    }

    @Test func aBodyNestedTooDeeplyIsRefused() {
        let text = String(repeating: "{\"a\":", count: 100_000) + "1" + String(repeating: "}", count: 100_000)
        #expect(self.message { _ = try OperationInput(rawBody: ByteBuffer(string: text)).bodyObject() } != nil)
    }

    @Test func violationsAreToldInAWSsWords() {
        let input = self.input(["name": "a b", "long": "abcdef", "n": 300, "word": "MAYBE", "empty": ""])
        let prefix = "1 validation error detected: Value "
        #expect(
            self.message { _ = try input.string("name", pattern: .ruleName) }
                == prefix + "'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_]+$")
        #expect(
            self.message { _ = try input.string("long", max: 5) }
                == prefix + "'abcdef' at 'long' failed to satisfy constraint: Member must have length less than or equal to 5")
        #expect(
            self.message { _ = try input.string("empty") }
                == prefix + "'' at 'empty' failed to satisfy constraint: Member must have length greater than or equal to 1")
        #expect(
            self.message { _ = try input.int("n", range: 1...250) }
                == prefix + "'300' at 'n' failed to satisfy constraint: Member must have value less than or equal to 250")
        #expect(
            self.message { _ = try input.word("word", of: ["ACTIVE", "INACTIVE"]) }
                == prefix + "'MAYBE' at 'word' failed to satisfy constraint: Member must satisfy enum value set: [ACTIVE, INACTIVE]")
        #expect(
            self.message { _ = try input.string("absent") } == prefix
                + "null at 'absent' failed to satisfy constraint: Member must not be null")
    }

    @Test func otherTypesAreRefused() {
        let input = self.input(["n": 1, "s": "x", "f": 1.5, "l": [1], "m": ["k": 1]], query: "n=x&b=yes")
        for read in [
            { _ = try input.string("n") }, { _ = try input.int("s") }, { _ = try input.int("f") }, { _ = try input.optionalBool("s") },
            { _ = try input.stringList("l") }, { _ = try input.stringMap("m") }, { _ = try input.object("l") },
            { _ = try input.int("n", in: .query) }, { _ = try input.optionalBool("b", in: .query) },
        ] as [() throws -> Void] {
            #expect(self.message(read) != nil)
        }
    }

    @Test func aLongValueIsNotRepeatedWhole() {
        let input = self.input(["name": .string(String(repeating: "x", count: 100_000))])
        #expect((self.message { _ = try input.string("name", max: 128) } ?? "").count < 500)
    }

    @Test func lengthCountsCharactersNotBytes() throws {
        let text = String(repeating: "ü", count: 128)
        #expect(try self.input(["name": .string(text)]).string("name", max: 128) == text)
    }

    @Test func patternsTakeWhatTheModelTakes() {
        #expect(InputPattern.thingName.matches("aZ09:_-"))
        for name in ["", "a b", "ä", "a/b", "../x", "a\u{0}"] { #expect(!InputPattern.thingName.matches(name)) }
        #expect(InputPattern.certificateID.matches("0xAf09"))
        #expect(!InputPattern.certificateID.matches("0x"))
        #expect(InputPattern.attributeValue.matches(""))
        #expect(InputPattern.policyName.matches("a+=,.@-_"))
        #expect(!InputPattern.clientID.matches("$x"))
        #expect(InputPattern.clientID.matches("x$"))
    }
}
