import Foundation
import JSON
import Testing

@testable import AWSAPI

@Suite("CBOR of RPC v2")
struct CBORTests {
    /// From RFC 8949, appendix A, and what botocore writes.
    static let samples: [(String, JSONValue)] = [
        ("00", 0), ("17", 23), ("1818", 24), ("1903e8", 1000), ("1a000f4240", 1_000_000), ("1b000000e8d4a51000", 1_000_000_000_000),
        ("20", -1), ("3903e7", -1000), ("f4", false), ("f5", true), ("f6", .null), ("f7", .null), ("f93c00", 1.0),
        ("f90001", 5.960464477539063e-8),
        ("f9c400", -4.0), ("fa47c35000", 100_000.0), ("fbc010666666666666", -4.1), ("60", ""), ("62c3bc", "ü"), ("4401020304", "AQIDBA=="),
        ("80", []), ("83010203", [1, 2, 3]), ("a26161016162820203", ["a": 1, "b": [2, 3]]), ("c11a514b67b0", 1_363_896_240),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]), ("bf61610161629f0203ffff", ["a": 1, "b": [2, 3]]),
        ("7f657374726561646d696e67ff", "streaming"),
        ("f97e00", .null), ("f97c00", .null),
    ]

    @Test(arguments: samples)
    func reads(_ hex: String, _ value: JSONValue) throws {
        #expect(try CBORReader.value(of: Self.bytes(hex)) == value)
    }

    @Test(
        "what is cut off, too deep or nothing at all is refused",
        arguments: [
            "", "18", "1c", "61", "6361", "9b7fffffffffffffff00", "81", "bf00", "a10101", "9f01", "62c328", "f8ff", "0000", "ff",
            "5f00ff", "bbffffffffffffffff", "5bffffffffffffffff",
            String(repeating: "81", count: 40) + "00", String(repeating: "c1", count: 40) + "00",
        ])
    func refuses(_ hex: String) {
        #expect(throws: CBORReader.Malformed.self) { try CBORReader.value(of: Self.bytes(hex)) }
    }

    @Test("what is written reads back")
    func roundTrip() throws {
        let object: JSONObject = [
            "a": [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_296, -1, -25, -300], "text": "häß", "number": 1.5, "on": true,
            "none": .null,
            "nested": ["x": ["y": []]], "long": .string(String(repeating: "z", count: 300)),
        ]
        #expect(try CBORReader.value(of: CBORWriter.bytes(of: object)) == .object(object))
    }

    @Test("times are tagged, in lists too")
    func times() {
        let bytes = CBORWriter.bytes(of: ["T": 1, "U": 1, "L": [1]], timestamps: ["T", "L"])
        #expect(bytes == Self.bytes("a36154c101615501614c81c101"))
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }
}
