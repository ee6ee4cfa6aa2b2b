import NIOCore

extension MQTTConnectionHandler {
    enum SendFate { case sendable, refused }

    /// Whether a queued message may go to the client: it may be larger than the client takes, or no longer allowed.
    func fate(of view: MessageView, qos: UInt8, identifiers: [UInt32]) -> SendFate {
        if self.isTooLarge(view, qos: qos, identifiers: identifiers) {
            self.shard.counters.droppedTooLarge += 1
            self.noteNotSent(view.topic, "PAYLOAD_LIMIT_EXCEEDED", details: "the message is larger than the client takes")
            return .refused
        }
        return self.mayReceive(view.topic) ? .sendable : .refused
    }

    @inline(__always)
    func canSendNow(_ session: Session) -> Bool {
        session.pending.isEmpty && session.backlog.count == 0 && self.state == .connected && self.hasRoom
            && session.window.canSend(session.nextSequence, limit: self.sendLimit)
    }

    /// QoS 0 to a client that does not read is dropped and counted.
    @inline(__always)
    func sendQoS0(_ view: MessageView, retain: Bool, identifiers: [UInt32]) {
        guard self.state == .connected else { return }
        if !self.hasRoomForQoS0 {
            self.writeIfPossible()
            if !self.hasRoomForQoS0 {
                self.shard.counters.droppedSlowReader += 1
                self.noteNotSent(view.topic, "SLOW_READER", details: "the client does not read what it is sent")
                return
            }
        }
        self.appendPublish(view, qos: 0, retain: retain, packetID: 0, identifiers: identifiers)
    }

    /// Appends a PUBLISH to the output. A message that is larger than the client takes is dropped as if it had been sent
    /// ([MQTT-3.1.2-25]).
    @inline(__always)
    func appendPublish(
        _ view: MessageView, qos: UInt8, retain: Bool, isDuplicate: Bool = false, packetID: UInt16, identifiers: [UInt32]
    ) {
        guard self.hasPlainOutput else {
            return self.appendOtherwise(
                view, qos: qos, retain: retain, isDuplicate: isDuplicate, packetID: packetID, identifiers: identifiers)
        }
        self.appendPublishV4(view, qos: qos, retain: retain, isDuplicate: isDuplicate, packetID: packetID)
    }

    @inline(never)
    private func appendOtherwise(
        _ view: MessageView, qos: UInt8, retain: Bool, isDuplicate: Bool, packetID: UInt16, identifiers: [UInt32]
    ) {
        if self.activityInterest.contains(.publishOut) { self.noteSent(view.topic, qos: qos, isRetained: retain) }
        if self.version == 5 {
            self.appendPublishV5(
                view, qos: qos, retain: retain, isDuplicate: isDuplicate, packetID: packetID, identifiers: identifiers)
        } else {
            self.appendPublishV4(view, qos: qos, retain: retain, isDuplicate: isDuplicate, packetID: packetID)
        }
    }

    @inline(__always)
    private func appendPublishV4(_ view: MessageView, qos: UInt8, retain: Bool, isDuplicate: Bool, packetID: UInt16) {
        let first: UInt8 = 0x30 | qos << 1 | (retain ? 1 : 0) | (isDuplicate ? 8 : 0)
        let remaining = 2 + view.topic.count + (qos > 0 ? 2 : 0) + view.payload.count
        self.output.writeWithUnsafeMutableBytes(minimumWritableBytes: remaining + 5) { target in
            guard var p = target.baseAddress else { return 0 }
            Self.put(&p, first: first, remaining: remaining)
            Self.put(&p, view.topic)
            if qos > 0 { Self.put(&p, packetID) }
            if let payload = view.payload.baseAddress { p.copyMemory(from: payload, byteCount: view.payload.count) }
            p += view.payload.count
            return target.baseAddress.map { p - $0 } ?? 0
        }
        self.shard.counters.delivered += 1
        self.shard.markDirty(self)
    }

    @inline(__always)
    private static func put(_ p: inout UnsafeMutableRawPointer, first: UInt8, remaining: Int) {
        p.storeBytes(of: first, as: UInt8.self)
        p += 1
        var rest = remaining
        repeat {
            let byte = UInt8(rest & 0x7F)
            rest >>= 7
            p.storeBytes(of: rest > 0 ? byte | 0x80 : byte, as: UInt8.self)
            p += 1
        } while rest > 0
    }

    @inline(__always)
    private static func put(_ p: inout UnsafeMutableRawPointer, _ value: UInt16) {
        p.storeBytes(of: value.bigEndian, as: UInt16.self)
        p += 2
    }

    /// A string with its length.
    @inline(__always)
    private static func put(_ p: inout UnsafeMutableRawPointer, _ text: UnsafeRawBufferPointer) {
        self.put(&p, UInt16(truncatingIfNeeded: text.count))
        if let base = text.baseAddress { p.copyMemory(from: base, byteCount: text.count) }
        p += text.count
    }

    // MARK: MQTT 5.0

    private func propertyLength(_ view: MessageView, identifiers: [UInt32], alias: OutboundAliases.Use) -> Int {
        var length = view.properties.count + (view.expiresAt == 0 ? 0 : 5)
        if case .none = alias {} else { length += 3 }
        for identifier in identifiers { length += 1 + ByteBuffer.variableByteIntegerLength(Int(identifier)) }
        return length
    }

    private func packetLength(_ view: MessageView, topicBytes: Int, qos: UInt8, properties: Int) -> Int {
        2 + topicBytes + (qos > 0 ? 2 : 0) + ByteBuffer.variableByteIntegerLength(properties) + properties + view.payload.count
    }

    func isTooLarge(_ view: MessageView, qos: UInt8, identifiers: [UInt32]) -> Bool {
        if self.clientMaxPacketBytes == .max { return false }
        return self.packetBytes(view, qos, identifiers, extra: 0) > self.clientMaxPacketBytes
    }

    /// A new alias comes with the topic, and its three bytes must fit into the client's maximum too.
    @inline(__always)
    private func alias(for view: MessageView, qos: UInt8, identifiers: [UInt32]) -> OutboundAliases.Use {
        if self.outboundAliases == nil { return .none }
        if self.clientMaxPacketBytes != .max, self.packetBytes(view, qos, identifiers, extra: Self.aliasBytes) > self.clientMaxPacketBytes {
            return .none
        }
        return self.outboundAliases?.use(view.topic) ?? .none
    }

    /// Bytes of the property Topic Alias (MQTT 5.0 §3.3.2.3.4).
    private static let aliasBytes = 3

    private func packetBytes(_ view: MessageView, _ qos: UInt8, _ identifiers: [UInt32], extra: Int) -> Int {
        let properties = self.propertyLength(view, identifiers: identifiers, alias: .none) + extra
        let remaining = self.packetLength(view, topicBytes: view.topic.count, qos: qos, properties: properties)
        return 1 + ByteBuffer.variableByteIntegerLength(remaining) + remaining
    }

    private func appendPublishV5(
        _ view: MessageView, qos: UInt8, retain: Bool, isDuplicate: Bool, packetID: UInt16, identifiers: [UInt32]
    ) {
        let alias = self.alias(for: view, qos: qos, identifiers: identifiers)
        var topic = view.topic
        if case .known = alias { topic = UnsafeRawBufferPointer(start: nil, count: 0) }
        let properties = self.propertyLength(view, identifiers: identifiers, alias: alias)
        let remaining = self.packetLength(view, topicBytes: topic.count, qos: qos, properties: properties)
        self.output.writeWithUnsafeMutableBytes(minimumWritableBytes: remaining + 5) { target in
            guard var p = target.baseAddress else { return 0 }
            Self.put(&p, first: 0x30 | qos << 1 | (retain ? 1 : 0) | (isDuplicate ? 8 : 0), remaining: remaining)
            Self.put(&p, topic)
            if qos > 0 { Self.put(&p, packetID) }
            Self.putVariable(&p, properties)
            if view.expiresAt != 0 { Self.putExpiry(&p, view.expiresAt) }
            if case .known(let id) = alias { Self.putAlias(&p, id) }
            if case .new(let id) = alias { Self.putAlias(&p, id) }
            for identifier in identifiers {
                p.storeBytes(of: UInt8(PropertyID.subscriptionIdentifier), as: UInt8.self)
                p += 1
                Self.putVariable(&p, Int(identifier))
            }
            view.properties.copy(to: p)
            p += view.properties.count
            if let payload = view.payload.baseAddress { p.copyMemory(from: payload, byteCount: view.payload.count) }
            p += view.payload.count
            return target.baseAddress.map { p - $0 } ?? 0
        }
        self.shard.counters.delivered += 1
        self.shard.markDirty(self)
    }

    @inline(__always)
    private static func putVariable(_ p: inout UnsafeMutableRawPointer, _ value: Int) {
        var rest = value
        repeat {
            let byte = UInt8(rest & 0x7F)
            rest >>= 7
            p.storeBytes(of: rest > 0 ? byte | 0x80 : byte, as: UInt8.self)
            p += 1
        } while rest > 0
    }

    /// What is left of the message's life, at least a second ([MQTT-3.3.2-6]).
    private static func putExpiry(_ p: inout UnsafeMutableRawPointer, _ expiresAt: Int64) {
        let seconds = UInt32(clamping: max(1, (expiresAt - wallMilliseconds() + 999) / 1000))
        p.storeBytes(of: UInt8(PropertyID.messageExpiryInterval), as: UInt8.self)
        (p + 1).storeBytes(of: seconds.bigEndian, as: UInt32.self)
        p += 5
    }

    private static func putAlias(_ p: inout UnsafeMutableRawPointer, _ alias: UInt16) {
        p.storeBytes(of: UInt8(PropertyID.topicAlias), as: UInt8.self)
        p += 1
        self.put(&p, alias)
    }
}

/// Aliases that the server gives to topics towards a client that takes them: to the first ones, and never anew (MQTT 5.0 §3.3.2.3.4).
struct OutboundAliases {
    enum Use {
        case none
        /// The topic goes along, once.
        case new(UInt16)
        case known(UInt16)
    }

    private let maximum: Int
    private var aliases: [UInt64: (topic: [UInt8], alias: UInt16)] = [:]

    init(maximum: Int) { self.maximum = maximum }

    mutating func use(_ topic: UnsafeRawBufferPointer) -> Use {
        let hash = topicHash(topic)
        if let known = self.aliases[hash] { return bytesEqual(known.topic, topic) ? .known(known.alias) : .none }
        if self.aliases.count >= self.maximum { return .none }
        let alias = UInt16(self.aliases.count + 1)
        self.aliases[hash] = ([UInt8](topic), alias)
        return .new(alias)
    }
}
