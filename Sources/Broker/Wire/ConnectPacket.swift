/// The message that a broken connection publishes (MQTT 5.0 §3.1.2.5), from a CONNECT.
struct WillFields {
    var topic: [UInt8]
    var payload: [UInt8]
    var properties: [UInt8]
    var qos: UInt8
    var isRetained: Bool
    var delaySeconds: UInt32
    var messageExpiry: UInt32?
}

/// CONNECT (MQTT 5.0 §3.1, MQTT 3.1.1 §3.1). Everything is copied out, because the answer to it waits for the authoriser.
struct ConnectPacket {
    /// 4 (MQTT 3.1.1) or 5.
    var version: UInt8
    var isCleanStart: Bool
    var keepAliveSeconds: UInt16
    var clientID: String
    var will: WillFields?
    var username: String?
    var password: [UInt8]?
    /// Seconds that the session outlives the connection; for 3.1.1 the profile decides when clean session is 0.
    var sessionExpiry: UInt32
    var receiveMaximum: UInt16
    /// The largest packet that the client takes, bytes.
    var maximumPacketSize: UInt32
    var topicAliasMaximum: UInt16
    var requestProblemInformation: Bool
    var authenticationMethod: String?

    /// `body` is what follows the fixed header.
    static func read(_ body: UnsafeRawBufferPointer, profile: Profile) throws(WireError) -> ConnectPacket {
        var reader = WireReader(body)
        let version = try self.readVersion(&reader)
        let flags = try reader.byte()
        try self.checkFlags(flags, version: version)
        let keepAlive = try reader.uint16()
        let properties = version == 5 ? try Properties.read(&reader, allowed: .connect) : .none
        if properties.userPropertyBytes > profile.maxUserPropertyBytes { throw WireError(.quotaExceeded, "user properties are too long") }
        let clientID = try reader.string()
        let will = flags & 0x04 != 0 ? try self.readWill(&reader, flags: flags, version: version, profile: profile) : nil
        let username = flags & 0x80 != 0 ? try reader.string() : nil
        let password = flags & 0x40 != 0 ? [UInt8](try reader.binary()) : nil
        if reader.remaining > 0 { throw .malformed("bytes after the last field of CONNECT") }
        let isClean = flags & 0x02 != 0
        let v3Expiry = isClean ? 0 : profile.defaultSessionExpirySeconds
        return ConnectPacket(
            version: version, isCleanStart: isClean, keepAliveSeconds: keepAlive, clientID: clientID, will: will, username: username,
            password: password,
            sessionExpiry: version == 5 ? min(properties.sessionExpiry ?? 0, profile.maxSessionExpirySeconds) : v3Expiry,
            receiveMaximum: properties.receiveMaximum ?? .max, maximumPacketSize: properties.maximumPacketSize ?? .max,
            topicAliasMaximum: properties.topicAliasMaximum, requestProblemInformation: properties.requestProblemInformation,
            authenticationMethod: properties.authenticationMethod)
    }

    /// The version that the client speaks, for an answer to a CONNECT that is wrong further on.
    static func version(of body: UnsafeRawBufferPointer) throws(WireError) -> UInt8 {
        var reader = WireReader(body)
        return try self.readVersion(&reader)
    }

    /// Protocol name and level (MQTT 5.0 §3.1.2.1, §3.1.2.2).
    private static func readVersion(_ reader: inout WireReader) throws(WireError) -> UInt8 {
        let name = try reader.binary()
        let level = try reader.byte()
        guard name.count == 4, name.hasPrefix("MQTT") else {
            if name.count == 6 && name.hasPrefix("MQIsdp") { throw WireError(.unsupportedProtocolVersion, "MQTT 3.1 is not supported") }
            throw WireError(.unsupportedProtocolVersion, "protocol name is not MQTT")
        }
        guard level == 4 || level == 5 else { throw WireError(.unsupportedProtocolVersion, "protocol version is not 4 or 5") }
        return level
    }

    private static func checkFlags(_ flags: UInt8, version: UInt8) throws(WireError) {
        if flags & 0x01 != 0 { throw .malformed("reserved flag of CONNECT is set") }
        let hasWill = flags & 0x04 != 0
        let willQoS = (flags >> 3) & 3
        if willQoS == 3 { throw .malformed("will QoS is 3") }
        if !hasWill && flags & 0x38 != 0 { throw .malformed("will QoS or will retain without a will") }
        if version == 4 && flags & 0x40 != 0 && flags & 0x80 == 0 { throw .malformed("password without a user name") }
    }

    private static func readWill(
        _ reader: inout WireReader, flags: UInt8, version: UInt8, profile: Profile
    ) throws(WireError) -> WillFields {
        let properties = version == 5 ? try Properties.read(&reader, allowed: .will) : .none
        try properties.check(profile)
        let topic = try reader.text()
        let payload = try reader.binary()
        guard MQTTText.isValidTopicName(topic) else { throw WireError(.topicNameInvalid, "will topic has a wildcard or is empty") }
        if properties.isUTF8Payload && !MQTTText.isValid(payload) { throw WireError(.payloadFormatInvalid, "will payload is not UTF-8") }
        let qos = (flags >> 3) & 3
        if qos > profile.maximumQoS { throw WireError(.qosNotSupported, "will QoS is higher than the server supports") }
        let forwarded = [UInt8](unsafeUninitializedCapacity: properties.forwarded.count) { buffer, count in
            if let base = buffer.baseAddress { properties.forwarded.copy(to: base) }
            count = properties.forwarded.count
        }
        return WillFields(
            topic: [UInt8](topic), payload: [UInt8](payload), properties: forwarded, qos: qos, isRetained: flags & 0x20 != 0,
            delaySeconds: properties.willDelay, messageExpiry: properties.messageExpiry)
    }
}
