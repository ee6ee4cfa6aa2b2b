import AWSAPI
import Crypto
import Foundation
import JSON

/// The attributes that a message carries beside its body (SQS MessageAttributeValue).
struct SQSMessageAttributes: Sendable {
    struct Value: Sendable {
        /// String, Number or Binary, with a name of the sender's own behind a dot.
        let type: String
        /// UTF-8 of a text.
        let bytes: [UInt8]

        var isBinary: Bool { self.type.hasPrefix("Binary") }
        var text: String { String(decoding: self.bytes, as: UTF8.self) }
    }

    static let maxCount = 10
    static let maxNameCharacters = 256

    private(set) var values: [String: Value] = [:]

    init() {}

    init(_ values: [String: Value]) { self.values = values }

    /// - Throws: InvalidParameterValue, which names the attribute.
    init(_ object: JSONObject?) throws(AWSError) {
        guard let object else { return }
        guard object.count <= Self.maxCount else {
            throw .sqs(
                "InvalidParameterValue", "Number of message attributes [\(object.count)] exceeds the allowed maximum [\(Self.maxCount)].")
        }
        for (name, value) in object { self.values[name] = try Self.value(value, of: name) }
    }

    private static func value(_ value: JSONValue, of name: String) throws(AWSError) -> Value {
        func wrong(_ reason: String) -> AWSError {
            .sqs("InvalidParameterValue", "The message attribute '\(name.prefix(Self.maxNameCharacters))' \(reason)")
        }
        guard (1...Self.maxNameCharacters).contains(name.unicodeScalars.count) else {
            throw wrong("must have a name of 1 to \(Self.maxNameCharacters) characters.")
        }
        guard let type = value["DataType"]?.stringValue, let kind = type.split(separator: ".").first,
            ["String", "Number", "Binary"].contains(kind)
        else {
            throw wrong("has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.")
        }
        if kind == "Binary" {
            guard let bytes = value["BinaryValue"]?.stringValue.flatMap({ Data(base64Encoded: $0) }), !bytes.isEmpty else {
                throw wrong("must contain a non-empty message attribute value for message attribute type (Binary).")
            }
            return Value(type: type, bytes: Array(bytes))
        }
        guard let text = value["StringValue"]?.stringValue, !text.isEmpty else {
            throw wrong("must contain a non-empty message attribute value for message attribute type (\(kind)).")
        }
        if kind == "Number", Double(text) == nil { throw wrong("is not a number: Could not cast message attribute value to number.") }
        return Value(type: type, bytes: Array(text.utf8))
    }

    /// What they count towards a message's size: names, types and values.
    var size: Int {
        self.values.reduce(0) { $0 + $1.key.utf8.count + $1.value.type.utf8.count + $1.value.bytes.count }
    }

    /// As the API and the database have them.
    var json: JSONObject {
        JSONObject(
            self.values.sorted { $0.key < $1.key }.map { name, value in
                let content: JSONValue = value.isBinary ? .string(Data(value.bytes).base64EncodedString()) : .string(value.text)
                return (name, ["DataType": .string(value.type), value.isBinary ? "BinaryValue" : "StringValue": content])
            })
    }

    /// Those that a receiver asked for: by name, by `prefix.*`, or all.
    func selected(by names: [String]) -> SQSMessageAttributes {
        if names.contains("All") || names.contains(".*") { return self }
        return SQSMessageAttributes(
            self.values.filter { value in
                names.contains { $0 == value.key || ($0.hasSuffix(".*") && value.key.hasPrefix($0.dropLast(2))) }
            })
    }

    /// What SDKs check (SQS developer guide, "Calculating the MD5 message digest for message attributes"); nil without attributes.
    var md5: String? {
        guard !self.values.isEmpty else { return nil }
        var hash = Insecure.MD5()
        func add(_ bytes: some Collection<UInt8>) {
            withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { hash.update(data: Array($0)) }
            hash.update(data: Array(bytes))
        }
        for (name, value) in self.values.sorted(by: { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }) {
            add(name.utf8)
            add(value.type.utf8)
            hash.update(data: [value.isBinary ? 2 : 1])
            add(value.bytes)
        }
        return Self.hex(hash.finalize())
    }

    static func md5(_ text: String) -> String { Self.hex(Insecure.MD5.hash(data: Array(text.utf8))) }

    private static func hex(_ digest: Insecure.MD5Digest) -> String {
        digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
