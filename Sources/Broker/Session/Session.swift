import DequeModule

/// What MQTT keeps of a client between its connections (MQTT 5.0 §4.1), and its queue of outgoing messages.
///
/// Belongs to one event loop, that of its connection or of its last one, and is only touched there; ``Broker`` moves it to another loop
/// by handing it over whole. The unchecked claim is that hand-over.
final class Session: @unchecked Sendable {
    let clientID: ExactText
    /// Its number in the database and in queue rows; never reused.
    let id: Int64
    /// 4 or 5.
    var version: UInt8
    /// Seconds that it outlives its connection; `UInt32.max`: for ever.
    var expirySeconds: UInt32
    var subscriptions: [ExactText: SubscriptionOptions] = [:]
    /// QoS 2 packet identifiers that the client has used and not yet released (MQTT 5.0 §4.3.3).
    var received: Set<UInt16> = []
    /// Those of them whose messages, sent on a former connection, are not on disk yet.
    var unsettled: [UInt16: PublishReceipt] = [:]
    var will: Will?

    var window = OutboundWindow<QueuedPublish>()
    var nextSequence: UInt64 = 1
    /// In memory, in order, not sent yet.
    var pending = Deque<QueuedPublish>()
    var pendingBytes = 0
    var backlog = DiskBacklog()
    /// Retained messages that a new subscription is owed, sent as the client takes them.
    var retainedQueue = Deque<RetainedDelivery>()
    var isPumpingRetained = false
    /// Bytes of its messages that are on disk or on their way there.
    var accountedBytes = 0
    /// Numbers of QoS 2 messages whose PUBREC came before the last start of the program.
    var restoredReleases: Set<UInt64> = []
    /// Messages read from the disk up to this number were sent on a former connection.
    var sentThrough: UInt64 = 0
    /// Rows of this session are (or will be, once the journal commits) in the queue table.
    var hasStoredQueue = false
    /// The highest number that was written.
    var lastStoredSequence: UInt64 = 0
    /// Its acknowledged head is to be written with the next commit.
    var isHeadDirty = false

    /// Until the connection ends; the two hold each other meanwhile.
    var connection: MQTTConnectionHandler?
    /// The loop that it belongs to.
    var loop: Int
    /// While it is handed to another loop: messages that arrive meanwhile.
    var transit: SessionTransit?
    /// Has a row in the database.
    var isRecorded = false
    /// Milliseconds since 1970; 0 while connected.
    var disconnectedAt: Int64 = 0
    var connectedAt: Int64 = 0
    /// Counts connections, so that a timer of an earlier one is known to be stale.
    var epoch: UInt64 = 0
    /// Connections so far, counted over the client's former sessions too: `versionNumber` of lifecycle events.
    var connectionCount: UInt64 = 0
    var principalID = ""
    /// It is no client's but the queue of this share group (``GroupQueue``).
    var groupFilter: ExactText?
    /// Ended: nothing may be delivered to it any more.
    private(set) var isDiscarded = false
    /// What ``head`` was when it ended: what follows was never finished, and its references to shared bodies still count.
    private var headAtEnd: UInt64?

    init(clientID: ExactText, id: Int64, version: UInt8, expirySeconds: UInt32, loop: Int) {
        self.clientID = clientID
        self.id = id
        self.version = version
        self.expirySeconds = expirySeconds
        self.loop = loop
    }

    /// Survives its connection, and so the end of the process.
    var isPersistent: Bool { self.expirySeconds > 0 }

    /// Nothing may be delivered to it any more.
    func end() {
        self.headAtEnd = self.head
        self.isDiscarded = true
    }

    func takeSequence() -> UInt64 {
        defer { self.nextSequence += 1 }
        return self.nextSequence
    }

    /// The lowest number that is not finished: what is below may go from the disk.
    var head: UInt64 {
        if let headAtEnd { return headAtEnd }
        if !self.window.isEmpty { return self.window.base }
        if let first = self.pending.first { return first.sequence }
        if self.backlog.count > 0 { return self.backlog.firstSequence }
        return self.nextSequence
    }

    var queuedMessages: Int { self.pending.count + self.backlog.count }
    var queuedBytes: Int { self.pendingBytes + self.backlog.bytes }

    /// The highest number that was sent and may be unacknowledged.
    var highestSent: UInt64 { self.window.isEmpty ? self.sentThrough : max(self.window.end - 1, self.sentThrough) }

    func appendPending(_ entry: QueuedPublish) {
        self.pending.append(entry)
        self.pendingBytes += entry.body.byteCount
    }

    func popPending() -> QueuedPublish? {
        guard let entry = self.pending.popFirst() else { return nil }
        self.pendingBytes -= entry.body.byteCount
        if self.pending.isEmpty { self.pending = [] }
        return entry
    }
}

extension Session {
    /// Without a connection a queue needs no memory: what waits is on disk already, or is being written.
    func releaseQueueMemory() {
        guard self.isPersistent, let first = self.pending.first else { return }
        let count = self.pending.count + self.backlog.count
        let bytes = self.pendingBytes + self.backlog.bytes
        self.backlog = DiskBacklog(firstSequence: first.sequence, count: count, bytes: bytes, isLoading: self.backlog.isLoading)
        self.pending = []
        self.pendingBytes = 0
    }
}

/// Messages of a session's queue that are only on disk: they follow all that is in memory.
struct DiskBacklog {
    /// The next one to be read.
    var firstSequence: UInt64 = 0
    var count = 0
    var bytes = 0
    var isLoading = false

    mutating func append(sequence: UInt64, bytes: Int) {
        if self.count == 0 { self.firstSequence = sequence }
        self.count += 1
        self.bytes += bytes
    }
}

/// A retained message for a new subscription.
struct RetainedDelivery {
    let body: MessageBody
    let qos: UInt8
    let identifier: UInt32
}

/// The will of a session (MQTT 5.0 §3.1.2.5).
struct Will {
    var body: MessageBody
    var delaySeconds: UInt32
    /// Relative expiry, counted from its publication (MQTT 5.0 §3.1.3.2.4).
    var messageExpiry: UInt32?
}

/// Messages that reach a session while it moves between loops: held, then delivered in order by the new loop.
final class SessionTransit {
    /// From loops that already send to the new one; those that the old loop passes on come before them.
    var held: [(body: MessageBody, options: SubscriptionOptions, identifiers: [UInt32], retain: Bool, receipt: PublishReceipt?)] = []
}
