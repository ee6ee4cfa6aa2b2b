/// Property identifiers (MQTT 5.0 §2.2.2.2).
enum PropertyID {
    static let payloadFormatIndicator = 0x01, messageExpiryInterval = 0x02, contentType = 0x03, responseTopic = 0x08
    static let correlationData = 0x09, subscriptionIdentifier = 0x0B, sessionExpiryInterval = 0x11, assignedClientIdentifier = 0x12
    static let serverKeepAlive = 0x13, authenticationMethod = 0x15, authenticationData = 0x16, requestProblemInformation = 0x17
    static let willDelayInterval = 0x18, requestResponseInformation = 0x19, reasonString = 0x1F, receiveMaximum = 0x21
    static let topicAliasMaximum = 0x22, topicAlias = 0x23, maximumQoS = 0x24, retainAvailable = 0x25, userProperty = 0x26
    static let maximumPacketSize = 0x27, wildcardSubscriptionAvailable = 0x28, subscriptionIdentifierAvailable = 0x29
    static let sharedSubscriptionAvailable = 0x2A
}

/// Which properties a packet may hold.
struct PropertySet {
    private var bits: UInt64 = 0

    init(_ ids: [Int]) { for id in ids { self.bits |= 1 << UInt64(id) } }

    @inline(__always)
    func contains(_ id: Int) -> Bool { id < 64 && self.bits & (1 << UInt64(id)) != 0 }
    mutating func insert(_ id: Int) { self.bits |= 1 << UInt64(id) }

    /// What a receiver of an application message is also told (MQTT 5.0 §3.3.2.3).
    static let forwarded = PropertySet([
        PropertyID.payloadFormatIndicator, PropertyID.contentType, PropertyID.responseTopic, PropertyID.correlationData,
        PropertyID.userProperty,
    ])
    static let connect = PropertySet([
        PropertyID.sessionExpiryInterval, PropertyID.receiveMaximum, PropertyID.maximumPacketSize, PropertyID.topicAliasMaximum,
        PropertyID.requestResponseInformation, PropertyID.requestProblemInformation, PropertyID.userProperty,
        PropertyID.authenticationMethod, PropertyID.authenticationData,
    ])
    static let will = PropertySet([
        PropertyID.willDelayInterval, PropertyID.payloadFormatIndicator, PropertyID.messageExpiryInterval, PropertyID.contentType,
        PropertyID.responseTopic, PropertyID.correlationData, PropertyID.userProperty,
    ])
    static let publish = PropertySet([
        PropertyID.payloadFormatIndicator, PropertyID.messageExpiryInterval, PropertyID.topicAlias, PropertyID.responseTopic,
        PropertyID.correlationData, PropertyID.userProperty, PropertyID.contentType,
    ])
    static let acknowledgement = PropertySet([PropertyID.reasonString, PropertyID.userProperty])
    static let subscribe = PropertySet([PropertyID.subscriptionIdentifier, PropertyID.userProperty])
    static let unsubscribe = PropertySet([PropertyID.userProperty])
    static let disconnect = PropertySet([
        PropertyID.sessionExpiryInterval, PropertyID.reasonString, PropertyID.userProperty,
    ])
    static let auth = PropertySet([
        PropertyID.authenticationMethod, PropertyID.authenticationData, PropertyID.reasonString, PropertyID.userProperty,
    ])
}

/// The properties of one packet from a client. Pointers are valid while the packet is handled.
struct Properties {
    var sessionExpiry: UInt32?
    var receiveMaximum: UInt16?
    var maximumPacketSize: UInt32?
    var topicAliasMaximum: UInt16 = 0
    var requestProblemInformation = true
    var authenticationMethod: String?
    var willDelay: UInt32 = 0
    var messageExpiry: UInt32?
    var topicAlias: UInt16?
    var subscriptionIdentifier: UInt32?
    var isUTF8Payload = false
    var responseTopic: UnsafeRawBufferPointer?
    var contentTypeBytes = 0
    var correlationBytes = 0
    var userPropertyBytes = 0
    /// The properties that travel with an application message, as they came, in their order.
    var forwarded = ForwardedProperties()

    private init() {}
    static var none: Properties { Properties() }

    /// Reads the length and the properties.
    static func read(_ reader: inout WireReader, allowed: PropertySet) throws(WireError) -> Properties {
        var properties = Properties()
        let length = try reader.variableByteInteger()
        if length == 0 { return properties }
        var inner = WireReader(try reader.bytes(length))
        var seen = PropertySet([])
        while inner.remaining > 0 {
            let start = inner.position
            let id = try inner.variableByteInteger()
            guard allowed.contains(id) else { throw .protocolError("property is not allowed in this packet") }
            if seen.contains(id) && id != PropertyID.userProperty { throw .protocolError("property is repeated") }
            seen.insert(id)
            try properties.readValue(id, &inner)
            if PropertySet.forwarded.contains(id) { properties.forwarded.append(inner.slice(from: start)) }
        }
        if seen.contains(PropertyID.authenticationData) && properties.authenticationMethod == nil {
            throw .protocolError("authentication data without a method")
        }
        return properties
    }

    private mutating func readValue(_ id: Int, _ reader: inout WireReader) throws(WireError) {
        switch id {
        case PropertyID.payloadFormatIndicator: self.isUTF8Payload = try Self.flag(&reader)
        case PropertyID.messageExpiryInterval: self.messageExpiry = try reader.uint32()
        case PropertyID.contentType: self.contentTypeBytes = try reader.text().count
        case PropertyID.responseTopic:
            let topic = try reader.text()
            guard MQTTText.isValidTopicName(topic) else { throw WireError(.topicNameInvalid, "response topic has a wildcard or is empty") }
            self.responseTopic = topic
        case PropertyID.correlationData: self.correlationBytes = try reader.binary().count
        case PropertyID.subscriptionIdentifier:
            let value = try reader.variableByteInteger()
            if value == 0 { throw .protocolError("subscription identifier is 0") }
            self.subscriptionIdentifier = UInt32(value)
        case PropertyID.sessionExpiryInterval: self.sessionExpiry = try reader.uint32()
        case PropertyID.authenticationMethod: self.authenticationMethod = try reader.string()
        case PropertyID.authenticationData: _ = try reader.binary()
        case PropertyID.requestProblemInformation: self.requestProblemInformation = try Self.flag(&reader)
        case PropertyID.requestResponseInformation: _ = try Self.flag(&reader)
        case PropertyID.willDelayInterval: self.willDelay = try reader.uint32()
        case PropertyID.reasonString: _ = try reader.text()
        case PropertyID.userProperty: self.userPropertyBytes += try reader.text().count + reader.text().count
        default: try self.readLimit(id, &reader)
        }
    }

    private mutating func readLimit(_ id: Int, _ reader: inout WireReader) throws(WireError) {
        switch id {
        case PropertyID.receiveMaximum:
            let value = try reader.uint16()
            if value == 0 { throw .protocolError("receive maximum is 0") }
            self.receiveMaximum = value
        case PropertyID.maximumPacketSize:
            let value = try reader.uint32()
            if value == 0 { throw .protocolError("maximum packet size is 0") }
            self.maximumPacketSize = value
        case PropertyID.topicAliasMaximum: self.topicAliasMaximum = try reader.uint16()
        case PropertyID.topicAlias:
            let value = try reader.uint16()
            if value == 0 { throw WireError(.topicAliasInvalid, "topic alias is 0") }
            self.topicAlias = value
        default: throw .malformed("property identifier is unknown")
        }
    }

    private static func flag(_ reader: inout WireReader) throws(WireError) -> Bool {
        let value = try reader.byte()
        if value > 1 { throw .protocolError("property is neither 0 nor 1") }
        return value == 1
    }

    /// The sizes that the profile bounds.
    func check(_ profile: Profile) throws(WireError) {
        if self.userPropertyBytes > profile.maxUserPropertyBytes { throw WireError(.quotaExceeded, "user properties are too long") }
        if self.contentTypeBytes > profile.maxContentTypeBytes { throw WireError(.quotaExceeded, "content type is too long") }
        if self.correlationBytes > profile.maxCorrelationBytes { throw WireError(.quotaExceeded, "correlation data is too long") }
        if let topic = self.responseTopic, topic.count > profile.maxResponseTopicBytes {
            throw WireError(.quotaExceeded, "response topic is too long")
        }
    }
}

/// Properties that are passed on byte for byte. Only the topic alias and the expiry are taken out of them, and each occurs once, so
/// three runs of the received bytes hold them without a copy.
struct ForwardedProperties {
    private var runs: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer)
    private(set) var count = 0

    init() {
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        self.runs = (empty, empty, empty)
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        self.init()
        self.append(bytes)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        self.count += bytes.count
        if Self.extend(&self.runs.0, bytes) || Self.extend(&self.runs.1, bytes) { return }
        _ = Self.extend(&self.runs.2, bytes)
    }

    private static func extend(_ run: inout UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = run.baseAddress else {
            run = bytes
            return true
        }
        guard let next = bytes.baseAddress, start + run.count == next else { return false }
        run = UnsafeRawBufferPointer(start: start, count: run.count + bytes.count)
        return true
    }

    /// Writes ``count`` bytes.
    @inline(__always)
    func copy(to target: UnsafeMutableRawPointer) {
        if self.count == 0 { return }
        var target = target
        Self.copy(self.runs.0, to: &target)
        Self.copy(self.runs.1, to: &target)
        Self.copy(self.runs.2, to: &target)
    }

    @inline(__always)
    func append(to target: inout [UInt8]) {
        if self.count == 0 { return }
        target.append(contentsOf: self.runs.0)
        target.append(contentsOf: self.runs.1)
        target.append(contentsOf: self.runs.2)
    }

    @inline(__always)
    private static func copy(_ run: UnsafeRawBufferPointer, to target: inout UnsafeMutableRawPointer) {
        guard let start = run.baseAddress else { return }
        target.copyMemory(from: start, byteCount: run.count)
        target += run.count
    }
}
