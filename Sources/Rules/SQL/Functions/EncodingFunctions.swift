import Foundation
import JSON

/// Base64.
enum EncodingFunctions {
    static let all: [SQLFunction] = [
        SQLFunction(special: "encode", 2...2, isModern: true, Self.encode),
        // Two arguments, or six for Protocol Buffers.
        SQLFunction(special: "decode", 2...6, isModern: true) { evaluation, call throws(EvaluationStop) in
            call.arguments.count == 2 ? try Self.decode(&evaluation, call) : try ExternalFunctions.decodeProtobuf(&evaluation, call)
        },
    ]

    /// `encode(*, 'base64')` takes the payload as it came; other values are turned to text first.
    @Sendable private static func encode(_ evaluation: inout Evaluation, _ call: Call) throws(EvaluationStop) -> SQLValue {
        guard case .string("base64") = try evaluation.value(of: call.arguments[1]) else { return .undefined }
        if call.arguments[0] == .star && evaluation.frames.isEmpty {
            return try evaluation.made(Base64.encode(evaluation.message.payload))
        }
        guard let text = try evaluation.text(try evaluation.value(of: call.arguments[0])) else { return .undefined }
        return try evaluation.made(Base64.encode(Array(text.utf8)))
    }

    /// JSON when the bytes are JSON, else a string; Null when they are no text or the argument is no base64.
    private static func decode(_ evaluation: inout Evaluation, _ call: Call) throws(EvaluationStop) -> SQLValue {
        let value = try evaluation.value(of: call.arguments[0])
        guard case .string("base64") = try evaluation.value(of: call.arguments[1]), let text = try evaluation.text(value) else {
            return .undefined
        }
        guard let bytes = Base64.decode(text) else { return .null }
        try evaluation.budget.charge(bytes: bytes.count)
        if let json = try? JSONValue(parsing: bytes, limits: JSONLimits(maxBytes: .max, maxDepth: SQLLimits.maxPayloadNesting)) {
            let value = evaluation.dialect.canonical(json)
            try evaluation.chargeSize(of: value)
            return SQLValue(value)
        }
        return String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .null
    }
}

/// RFC 4648 §4.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// Padding may be missing; nil for any other byte that is not of the alphabet.
    static func decode(_ text: String) -> [UInt8]? {
        let missing = (4 - text.utf8.count % 4) % 4
        return Data(base64Encoded: missing == 0 ? text : text + String(repeating: "=", count: missing)).map(Array.init)
    }
}
