import JSON
import OperationTesting
import Testing

@testable import Targets

@Suite("Numbers of DynamoDB")
struct DynamoDBNumberTests {
    @Test(
        "one form for each value",
        arguments: [
            ("0", "0"), ("-0", "0"), ("0.000", "0"), ("5", "5"), ("+5", "5"), ("005.50", "5.5"), ("1e2", "100"), ("1E-2", "0.01"),
            ("-.5", "-0.5"),
            ("5.", "5"), ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
            ("1e37", "10000000000000000000000000000000000000"), ("1.5e100", "1.5E+100"), ("1E125", "1E+125"),
            ("0e99999999999999999999", "0"),
            ("10e-131", "0." + String(repeating: "0", count: 129) + "1"), ("1" + String(repeating: "0", count: 125), "1E+125"),
        ])
    func texts(text: String, expected: String) throws { #expect(try DynamoDBNumber(text).text == expected) }

    @Test(
        "what is no number of DynamoDB is refused",
        arguments: [
            "", "-", ".", "abc", "1a", "1e", "1e+", "--1", "1.2.3", "NaN", "Infinity", " 1", "1 ", "1E126", "1E-131",
            "123456789012345678901234567890123456789", "1e99999999999999999999", "1e-99999999999999999999",
        ])
    func refused(text: String) async { await expectError("ValidationException") { try DynamoDBNumber(text) } }

    private static let rising = [
        "-9.9E125", "-1e100", "-12345", "-1234", "-100.5", "-100", "-99.99", "-10", "-9", "-1.5", "-1.25", "-1", "-0.5", "-1e-130", "0",
        "1e-130",
        "0.09", "0.1", "0.11", "0.5", "1", "1.25", "1.5", "9", "10", "11", "99.99", "100", "100.5", "1234", "12345", "1e100", "9.9E125",
    ]

    @Test("their bytes sort as they do")
    func sorts() throws {
        let bytes = try Self.rising.map { try DynamoDBNumber($0).sortable }
        for (place, one) in bytes.enumerated() {
            for (other, two) in bytes.enumerated() { #expect(one.lexicographicallyPrecedes(two) == (place < other)) }
        }
    }

    @Test(
        "sums are exact",
        arguments: [
            ("1", "2", "3"), ("0.1", "0.2", "0.3"), ("1", "-1", "0"), ("-1.5", "0.25", "-1.25"), ("5", "-7", "-2"), ("999", "1", "1000"),
            ("-999", "-1", "-1000"), ("1000", "-1", "999"), ("-1000", "1", "-999"), ("0", "5", "5"),
            ("1e37", "1", "10000000000000000000000000000000000001"),
            ("99999999999999999999999999999999999999", "1", "1E+38"), ("1e100", "1e100", "2E+100"),
        ])
    func sums(left: String, right: String, sum: String) throws {
        #expect(try (DynamoDBNumber(left) + DynamoDBNumber(right)).text == sum)
        #expect(try (DynamoDBNumber(right) + DynamoDBNumber(left)).text == sum)
    }

    @Test("a sum with too many digits is refused")
    func tooManyDigits() async {
        await expectError("ValidationException") { try DynamoDBNumber("1e125") + DynamoDBNumber("1e-130") }
    }

    @Test("the key of a table comes in a header")
    func keySchemas() {
        typealias Part = DynamoDBKeySchema.Part
        #expect(DynamoDBKeySchema(header: "id:S") == DynamoDBKeySchema(hash: Part(name: "id", type: "S"), range: nil))
        let both = DynamoDBKeySchema(hash: Part(name: "a:b", type: "S"), range: Part(name: "c,d", type: "N"))
        #expect(DynamoDBKeySchema(header: "a:b:S,c,d:N") == both)
        for text in ["", "id", ":S", "id:X", "id:S,", "id:S,x"] { #expect(DynamoDBKeySchema(header: text) == nil, "\(text)") }
    }

    @Test("the newest are shown as the JSON that they came from")
    func plain() throws {
        let text = #"{"a":{"N":"1.50"},"b":{"L":[{"S":"x"},{"NULL":true},{"M":{"c":{"BOOL":false}}}]},"d":{"NS":["1"]}}"#
        guard case .object(let item) = try JSONValue(parsing: text) else { return }
        let plain = DynamoDBValue.plain(try DynamoDBValue.attributes(item))
        #expect(JSONValue.object(plain).serialized() == #"{"a":1.5,"b":["x",null,{"c":false}],"d":[1]}"#)
    }
}
