import DequeModule

/// The sender half of QoS 1 and 2 for one session (MQTT 5.0 §4.3.2, §4.3.3, §4.4): what was sent and is not yet complete.
///
/// A message's packet identifier is its sequence number modulo 65,535 plus one, so that after a restart an unfinished message has the
/// same identifier as before ([MQTT-4.4.0-1]) without being written down. The window therefore never spans more than 65,535 numbers.
struct OutboundWindow<Payload> {
    enum State: UInt8 {
        /// Was sent on a former connection and is to be sent again.
        case unsent
        /// PUBLISH sent, waits for PUBACK or PUBREC.
        case published
        /// PUBREC received, PUBREL waits for the disk or was sent; waits for PUBCOMP.
        case released
        case settled
    }

    struct Entry {
        var state: State
        var qos: UInt8
        var payload: Payload?
    }

    enum Acknowledgement {
        /// Nothing with this identifier waits for this packet.
        case unknown
        /// The message is complete.
        case settled(Payload?)
        /// QoS 2: PUBREL is next.
        case release(sequence: UInt64, isRepeated: Bool)
    }

    private var entries = Deque<Entry>()
    /// The sequence number of the first entry.
    private(set) var base: UInt64 = 0
    /// Entries that are sent and not settled.
    private(set) var inFlight = 0
    /// Entries that wait to be sent again; later messages wait for them.
    private(set) var unsent = 0

    static var span: Int { 65_535 }
    /// The numbers that it holds.
    var sent: Range<UInt64> { self.base..<self.end }

    var isEmpty: Bool { self.entries.isEmpty }
    /// The sequence number after the last entry.
    var end: UInt64 { self.base + UInt64(self.entries.count) }

    static func packetID(_ sequence: UInt64) -> UInt16 { UInt16(truncatingIfNeeded: sequence % UInt64(self.span) + 1) }

    /// Whether the message with this number may be sent now; numbers before it that were never sent (expired) leave a gap.
    @inline(__always)
    func canSend(_ sequence: UInt64, limit: Int) -> Bool {
        self.inFlight < limit && self.unsent == 0 && (self.entries.isEmpty || sequence - self.base < UInt64(Self.span))
    }

    /// Notes that the message was sent, and gives its packet identifier.
    @inline(__always)
    mutating func append(_ sequence: UInt64, qos: UInt8, state: State = .published, payload: Payload?) -> UInt16 {
        if self.entries.isEmpty {
            self.base = sequence
        } else {
            while self.end < sequence { self.entries.append(Entry(state: .settled, qos: 0, payload: nil)) }
        }
        self.entries.append(Entry(state: state, qos: qos, payload: payload))
        self.inFlight += 1
        return Self.packetID(sequence)
    }

    @inline(__always)
    private func index(of packetID: UInt16) -> Int? {
        let span = UInt64(Self.span)
        let wanted = UInt64(packetID) - 1
        let offset = Int((wanted + span - self.base % span) % span)
        return offset < self.entries.count ? offset : nil
    }

    /// PUBACK, or a PUBREC with a failure (MQTT 5.0 §4.3.3): the message is complete.
    /// `finished` is called for each message below which nothing is unfinished any more, in order.
    @inline(__always)
    mutating func acknowledged(_ packetID: UInt16, qos: UInt8, finished: (Payload) -> Void) -> Acknowledgement {
        guard packetID != 0, let i = self.index(of: packetID), self.entries[i].state == .published, self.entries[i].qos == qos else {
            return .unknown
        }
        return self.settle(i, finished)
    }

    /// PUBREC.
    mutating func received(_ packetID: UInt16) -> Acknowledgement {
        guard packetID != 0, let i = self.index(of: packetID), self.entries[i].qos == 2 else { return .unknown }
        switch self.entries[i].state {
        case .settled, .unsent: return .unknown
        case .released: return .release(sequence: self.base + UInt64(i), isRepeated: true)
        case .published:
            self.entries[i].state = .released
            return .release(sequence: self.base + UInt64(i), isRepeated: false)
        }
    }

    /// PUBCOMP.
    mutating func completed(_ packetID: UInt16, finished: (Payload) -> Void) -> Acknowledgement {
        guard packetID != 0, let i = self.index(of: packetID), self.entries[i].state == .released else { return .unknown }
        return self.settle(i, finished)
    }

    /// A message that will never be sent (it expired): it is finished when those before it are.
    mutating func skip(_ sequence: UInt64, payload: Payload, finished: (Payload) -> Void) {
        if self.entries.isEmpty {
            self.base = sequence + 1
            finished(payload)
            return
        }
        while self.end < sequence { self.entries.append(Entry(state: .settled, qos: 0, payload: nil)) }
        self.entries.append(Entry(state: .settled, qos: 0, payload: payload))
    }

    @inline(__always)
    private mutating func settle(_ i: Int, _ finished: (Payload) -> Void) -> Acknowledgement {
        let payload = self.entries[i].payload
        self.inFlight -= 1
        self.entries[i].state = .settled
        if i == 0 { self.dropSettledPrefix(finished) }
        return .settled(payload)
    }

    @inline(__always)
    private mutating func dropSettledPrefix(_ finished: (Payload) -> Void) {
        while let first = self.entries.first, first.state == .settled {
            self.entries.removeFirst()
            self.base += 1
            if let payload = first.payload { finished(payload) }
        }
    }

    /// Gives back the memory of a burst.
    mutating func releaseMemory() {
        if self.entries.isEmpty { self.entries = [] }
    }

    /// A new connection of the session: what was published is to be sent again, as far as its receive maximum lets it
    /// ([MQTT-4.4.0-1], [MQTT-3.3.4-9]).
    mutating func rewind() {
        for i in self.entries.indices where self.entries[i].state == .published {
            self.entries[i].state = .unsent
            self.inFlight -= 1
            self.unsent += 1
        }
    }

    /// The next message to be sent again, now in flight.
    mutating func takeUnsent() -> (sequence: UInt64, payload: Payload?)? {
        guard self.unsent > 0, let i = self.entries.firstIndex(where: { $0.state == .unsent }) else { return nil }
        self.entries[i].state = .published
        self.unsent -= 1
        self.inFlight += 1
        return (self.base + UInt64(i), self.entries[i].payload)
    }

    /// Calls `body` for those of these messages that wait for PUBACK or PUBREC, or for PUBCOMP, in order.
    func forEachInFlight(in range: Range<UInt64>, _ body: (_ sequence: UInt64, Entry) -> Void) {
        for sequence in range.clamped(to: self.sent) {
            let entry = self.entries[Int(sequence - self.base)]
            if entry.state == .published || entry.state == .released { body(sequence, entry) }
        }
    }

    /// The unfinished messages in order.
    func forEachUnsettled(_ body: (_ sequence: UInt64, Entry) -> Void) {
        for (i, entry) in self.entries.enumerated() where entry.state != .settled { body(self.base + UInt64(i), entry) }
    }
}
