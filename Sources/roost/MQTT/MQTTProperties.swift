import NIOCore

/// The properties of a packet of the server (MQTT 5.0 §2.2.2) that matter to a client that only listens; the others are skipped.
struct MQTTProperties: Sendable, Equatable {
    static let receiveMaximum: UInt8 = 0x21
    static let maximumPacketSize: UInt8 = 0x27
    private static let serverKeepAlive: UInt8 = 0x13
    private static let reasonString: UInt8 = 0x1F

    var serverKeepAliveSeconds: UInt16?
    var reasonString: String?

    init() {}

    /// Reads the properties with their length. Nothing is left of them in `body`.
    init(from body: inout ByteBuffer) throws(MQTTClientError) {
        guard let length = try body.readVariableByteInteger(), var properties = body.readSlice(length: length) else {
            throw .malformed("properties that are cut off")
        }
        while let id = properties.readInteger(as: UInt8.self) {
            try self.read(id, from: &properties)
        }
    }

    /// §2.2.2.2, table 2-4.
    private mutating func read(_ id: UInt8, from properties: inout ByteBuffer) throws(MQTTClientError) {
        switch id {
        case Self.serverKeepAlive: self.serverKeepAliveSeconds = try properties.readMQTTInteger()
        case Self.reasonString: self.reasonString = try properties.readMQTTText()
        case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A: let _: UInt8 = try properties.readMQTTInteger()
        case 0x21, 0x22, 0x23: let _: UInt16 = try properties.readMQTTInteger()
        case 0x02, 0x11, 0x18, 0x27: let _: UInt32 = try properties.readMQTTInteger()
        case 0x0B:
            guard try properties.readVariableByteInteger() != nil else { throw .malformed("a property that is cut off") }
        case 0x03, 0x08, 0x12, 0x15, 0x1A, 0x1C, 0x09, 0x16: try properties.skipMQTTBytes()
        case 0x26:
            try properties.skipMQTTBytes()
            try properties.skipMQTTBytes()
        default: throw .malformed("the unknown property \(id)")
        }
    }
}

extension ByteBuffer {
    /// MQTT 5.0 §1.5.5. Nil when bytes are missing; then nothing is read.
    mutating func readVariableByteInteger() throws(MQTTClientError) -> Int? {
        var value = 0
        for index in 0..<4 {
            guard let byte = self.getInteger(at: self.readerIndex + index, as: UInt8.self) else { return nil }
            value |= Int(byte & 0x7F) << (7 * index)
            if byte & 0x80 == 0 {
                self.moveReaderIndex(forwardBy: index + 1)
                return value
            }
        }
        throw .malformed("a length of more than four bytes")
    }

    mutating func readMQTTInteger<Integer: FixedWidthInteger>() throws(MQTTClientError) -> Integer {
        guard let value = self.readInteger(as: Integer.self) else { throw .malformed("a packet that is cut off") }
        return value
    }

    /// §1.5.4.
    mutating func readMQTTText() throws(MQTTClientError) -> String {
        guard let bytes = self.readLengthPrefixedSlice(as: UInt16.self) else { throw .malformed("a text that is cut off") }
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else { throw .malformed("a text that is not UTF-8") }
        return text
    }

    fileprivate mutating func skipMQTTBytes() throws(MQTTClientError) {
        guard self.readLengthPrefixedSlice(as: UInt16.self) != nil else { throw .malformed("a property that is cut off") }
    }
}
