import NIOCore

/// CONNACK (MQTT 5.0 §3.2).
struct ConnackPacket {
    var version: UInt8
    var isSessionPresent = false
    var reason: ReasonCode
    var sessionExpiry: UInt32?
    var assignedClientID: String?
    var serverKeepAliveSeconds: UInt16?
    var reasonString: String?

    /// Length of the packet for a client that bounds it, bytes.
    func length(profile: Profile) -> Int {
        var buffer = ByteBuffer()
        self.write(to: &buffer, profile: profile)
        return buffer.readableBytes
    }

    func write(to buffer: inout ByteBuffer, profile: Profile) {
        guard self.version == 5 else {
            let code = self.reason.connectReturnCode
            buffer.writeBytes([0x20, 0x02, code == 0 && self.isSessionPresent ? 1 : 0, code])
            return
        }
        var properties = ByteBuffer()
        if self.reason == .success { self.writeCapabilities(to: &properties, profile: profile) }
        if let text = self.reasonString {
            properties.writeInteger(UInt8(PropertyID.reasonString))
            properties.writeMQTTText(text)
        }
        buffer.writeInteger(UInt8(0x20))
        let length = properties.readableBytes
        buffer.writeVariableByteInteger(2 + ByteBuffer.variableByteIntegerLength(length) + length)
        buffer.writeInteger(UInt8(self.isSessionPresent ? 1 : 0))
        buffer.writeInteger(self.reason.rawValue)
        buffer.writeVariableByteInteger(length)
        buffer.writeBuffer(&properties)
    }

    /// What the server can do (MQTT 5.0 §3.2.2.3). AWS IoT always says Maximum QoS, Retain Available and the subscription flags.
    private func writeCapabilities(to buffer: inout ByteBuffer, profile: Profile) {
        if let expiry = self.sessionExpiry {
            buffer.writeInteger(UInt8(PropertyID.sessionExpiryInterval))
            buffer.writeInteger(expiry)
        }
        buffer.writeInteger(UInt8(PropertyID.receiveMaximum))
        buffer.writeInteger(UInt16(clamping: profile.receiveMaximum))
        if profile.maximumQoS < 2 { buffer.writeBytes([UInt8(PropertyID.maximumQoS), profile.maximumQoS]) }
        buffer.writeBytes([UInt8(PropertyID.retainAvailable), 1])
        buffer.writeInteger(UInt8(PropertyID.maximumPacketSize))
        buffer.writeInteger(UInt32(clamping: profile.maxPacketBytes))
        if let id = self.assignedClientID {
            buffer.writeInteger(UInt8(PropertyID.assignedClientIdentifier))
            buffer.writeMQTTText(id)
        }
        buffer.writeInteger(UInt8(PropertyID.topicAliasMaximum))
        buffer.writeInteger(UInt16(clamping: profile.topicAliasMaximum))
        buffer.writeBytes([UInt8(PropertyID.wildcardSubscriptionAvailable), 1])
        buffer.writeBytes([UInt8(PropertyID.subscriptionIdentifierAvailable), profile.subscriptionIdentifiers ? 1 : 0])
        buffer.writeBytes([UInt8(PropertyID.sharedSubscriptionAvailable), 1])
        if let keepAlive = self.serverKeepAliveSeconds {
            buffer.writeInteger(UInt8(PropertyID.serverKeepAlive))
            buffer.writeInteger(keepAlive)
        }
    }
}
