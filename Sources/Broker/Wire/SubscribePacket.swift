/// Subscription Options (MQTT 5.0 §3.8.3.1); with MQTT 3.1.1 only the QoS.
struct SubscriptionOptions: Equatable {
    var qos: UInt8
    /// Not to the client that published it.
    var noLocal = false
    /// Keep the RETAIN flag as the publisher set it.
    var retainAsPublished = false
    /// 0: retained messages at each SUBSCRIBE, 1: only at a new subscription, 2: never.
    var retainHandling: UInt8 = 0
    /// 0: none.
    var identifier: UInt32 = 0

    var byte: UInt8 {
        self.qos | (self.noLocal ? 0x04 : 0) | (self.retainAsPublished ? 0x08 : 0) | self.retainHandling << 4
    }

    init(byte: UInt8, version: UInt8, identifier: UInt32) throws(WireError) {
        self.qos = byte & 3
        if self.qos == 3 { throw .malformed("subscription QoS is 3") }
        if version == 4 {
            if byte & 0xFC != 0 { throw .malformed("reserved bits of the requested QoS are set") }
            return
        }
        if byte & 0xC0 != 0 { throw .malformed("reserved bits of the subscription options are set") }
        self.noLocal = byte & 0x04 != 0
        self.retainAsPublished = byte & 0x08 != 0
        self.retainHandling = (byte >> 4) & 3
        if self.retainHandling == 3 { throw .protocolError("retain handling is 3") }
        self.identifier = identifier
    }

    init(qos: UInt8) { self.qos = qos }
}

/// SUBSCRIBE (MQTT 5.0 §3.8).
struct SubscribePacket {
    var packetID: UInt16
    var subscriptionIdentifier: UInt32
    var filters: [(filter: [UInt8], options: SubscriptionOptions)]

    static func read(_ body: UnsafeRawBufferPointer, version: UInt8, profile: Profile) throws(WireError) -> SubscribePacket {
        var reader = WireReader(body)
        let packetID = try reader.uint16()
        if packetID == 0 { throw .malformed("packet identifier is 0") }
        let properties = version == 5 ? try Properties.read(&reader, allowed: .subscribe) : .none
        if properties.userPropertyBytes > profile.maxUserPropertyBytes { throw WireError(.quotaExceeded, "user properties are too long") }
        let identifier = properties.subscriptionIdentifier ?? 0
        if identifier != 0 && !profile.subscriptionIdentifiers {
            throw WireError(.subscriptionIdentifiersNotSupported, "subscription identifiers are not supported")
        }
        var filters: [(filter: [UInt8], options: SubscriptionOptions)] = []
        while reader.remaining > 0 {
            let filter = try reader.text()
            let options = try SubscriptionOptions(byte: try reader.byte(), version: version, identifier: identifier)
            if filters.count == profile.maxFiltersPerPacket { throw WireError(.quotaExceeded, "too many filters in one SUBSCRIBE") }
            if options.noLocal && filter.hasPrefix("$share/") { throw .protocolError("no local on a shared subscription") }
            filters.append((Array(filter), options))
        }
        if filters.isEmpty { throw .protocolError("SUBSCRIBE without a filter") }
        return SubscribePacket(packetID: packetID, subscriptionIdentifier: identifier, filters: filters)
    }
}

/// UNSUBSCRIBE (MQTT 5.0 §3.10).
struct UnsubscribePacket {
    var packetID: UInt16
    var filters: [[UInt8]]

    static func read(_ body: UnsafeRawBufferPointer, version: UInt8, profile: Profile) throws(WireError) -> UnsubscribePacket {
        var reader = WireReader(body)
        let packetID = try reader.uint16()
        if packetID == 0 { throw .malformed("packet identifier is 0") }
        if version == 5 { _ = try Properties.read(&reader, allowed: .unsubscribe) }
        var filters: [[UInt8]] = []
        while reader.remaining > 0 {
            if filters.count == profile.maxFiltersPerPacket { throw WireError(.quotaExceeded, "too many filters in one UNSUBSCRIBE") }
            filters.append(Array(try reader.text()))
        }
        if filters.isEmpty { throw .protocolError("UNSUBSCRIBE without a filter") }
        return UnsubscribePacket(packetID: packetID, filters: filters)
    }
}
