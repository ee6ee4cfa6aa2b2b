import AWSAPI
import Foundation
import JSON

/// What a sender hands over.
struct SQSDraft: Sendable {
    let body: String
    /// Nil for the queue's.
    let delaySeconds: Int?
    let attributes: SQSMessageAttributes
    /// The header of AWS X-Ray, the one system attribute that senders set.
    let trace: String?

    static let delays = 0...900

    init(body: String, delaySeconds: Int? = nil, attributes: SQSMessageAttributes = SQSMessageAttributes(), trace: String? = nil) {
        self.body = body
        self.delaySeconds = delaySeconds
        self.attributes = attributes
        self.trace = trace
    }

    /// Reads the members that SendMessage and an entry of SendMessageBatch share.
    init(_ input: OperationInput) throws(AWSError) {
        self.body = try input.optionalString("MessageBody") ?? ""
        guard !self.body.isEmpty else { throw .sqs("MissingParameter", "The request must contain the parameter MessageBody.") }
        if let scalar = self.body.unicodeScalars.first(where: { !Self.isAllowed($0) }) {
            throw .sqs(
                "InvalidMessageContents",
                "Invalid binary character '#x\(String(scalar.value, radix: 16))' was found in the message body, the set of allowed characters "
                    + "is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
        }
        self.delaySeconds = try input.optionalInt("DelaySeconds")
        if let delaySeconds, !Self.delays.contains(delaySeconds) {
            throw .sqsParameter("DelaySeconds", delaySeconds, "DelaySeconds must be >= 0 and <= 900.")
        }
        self.attributes = try SQSMessageAttributes(try input.optionalObject("MessageAttributes"))
        for name in ["MessageDeduplicationId", "MessageGroupId"] where try input.optionalString(name) != nil {
            throw .sqsParameter(name, "given", "The request includes a parameter that is not valid for this queue type.")
        }
        let system = try input.optionalObject("MessageSystemAttributes")
        self.trace = system?["AWSTraceHeader"]?["StringValue"]?.stringValue
        if let other = system?.keys.first(where: { $0 != "AWSTraceHeader" }) {
            throw .sqsParameter("MessageSystemAttributes", other, "Senders can set AWSTraceHeader only.")
        }
    }

    var size: Int { self.body.utf8.count + self.attributes.size }

    /// SQS takes what XML 1.0 has (SendMessage).
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}

/// A message in a queue. Times are milliseconds since 1970.
struct SQSMessage: Sendable {
    var position: Int64
    let id: String
    var visibleAt: Int64
    let sentAt: Int64
    var firstReceivedAt: Int64?
    var receives: Int
    /// What its newest receipt handle has to have.
    var receipt: String?
    let sender: String
    let attributes: JSONObject
    let trace: String?
    /// The name of the queue that it is a dead letter of.
    var origin: String?
    let body: String
    let size: Int

    /// What names this receive of the message to its receiver.
    var receiptHandle: String { SQSReceipt(position: self.position, secret: self.receipt ?? "").text }
}

extension SQSMessage {
    init(_ draft: SQSDraft, sender: String, delaySeconds: Int, at now: Int64) {
        self.init(
            position: 0, id: UUID().uuidString.lowercased(), visibleAt: now + Int64(delaySeconds) * 1_000, sentAt: now,
            firstReceivedAt: nil, receives: 0, receipt: nil, sender: sender, attributes: draft.attributes.json, trace: draft.trace,
            origin: nil, body: draft.body, size: draft.size)
    }
}

/// A receipt handle: the message's place in its queue, and which receive of it is meant.
struct SQSReceipt: Sendable, Hashable {
    let position: Int64
    let secret: String

    static let maxCharacters = 1_024

    init(position: Int64, secret: String) {
        self.position = position
        self.secret = secret
    }

    /// - Throws: ReceiptHandleIsInvalid.
    init(_ text: String) throws(AWSError) {
        guard text.utf8.count <= Self.maxCharacters, let data = Data(base64Encoded: text) else { throw .receiptHandle(text) }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ".")
        guard parts.count == 2, let position = Int64(parts[0]) else { throw .receiptHandle(text) }
        self.init(position: position, secret: String(parts[1]))
    }

    var text: String { Data("\(self.position).\(self.secret)".utf8).base64EncodedString() }
}
