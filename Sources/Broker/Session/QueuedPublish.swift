/// A QoS 1 or 2 message on its way to one session.
final class QueuedPublish {
    let body: MessageBody
    let qos: UInt8
    /// The RETAIN flag of the copy that is sent.
    let isRetained: Bool
    /// Subscription identifiers of the matching subscriptions (MQTT 5.0 §3.3.2.3.8).
    let identifiers: [UInt32]
    /// Its place in the session's order; the packet identifier follows from it (``OutboundWindow``).
    var sequence: UInt64 = 0
    /// The publish whose acknowledgement waits until this message is on disk or was acknowledged by its receiver.
    var receipt: PublishReceipt?
    /// In the database.
    var isStored = false
    /// Acknowledged by the receiver, or dropped: nothing more to do for it.
    var isSettled = false
    /// It and all messages before it are settled.
    var isFinished = false
    /// Counted in its session's share of the bytes on disk.
    var isAccounted = false
    /// QoS 2, read back after a restart: PUBREC had come, so PUBREL is what is sent again.
    var isReleased = false
    /// Sent before the last start of the program, as far as is known: sent again with DUP ([MQTT-3.3.1-1]).
    var wasSent = false
    /// Its body has a row of its own, shared by several sessions' queues.
    var isBodyShared = false

    init(body: MessageBody, qos: UInt8, isRetained: Bool, identifiers: [UInt32]) {
        self.body = body
        self.qos = qos
        self.isRetained = isRetained
        self.identifiers = identifiers
    }

    /// One step towards the publisher's acknowledgement.
    func finishReceipt() {
        guard let receipt = self.receipt else { return }
        self.receipt = nil
        receipt.complete()
    }

    /// The disk refused it: the publisher is not acknowledged.
    func failReceipt() {
        guard let receipt = self.receipt else { return }
        self.receipt = nil
        receipt.fail()
    }
}

/// Counts what must be safe before a publish may be acknowledged. Belongs to the event loop of the publisher.
final class PublishReceipt {
    private(set) var outstanding = 0
    /// The disk refused one of the writes.
    private(set) var hasFailed = false
    private var action: (() -> Void)?

    /// `action` runs when the last thing is safe, after the actions of before; the receipt must not be done yet.
    func whenDone(_ action: @escaping () -> Void) {
        guard let earlier = self.action else { return self.action = action }
        self.action = {
            earlier()
            action()
        }
    }

    var isDone: Bool { self.outstanding == 0 }

    func expect(_ times: Int) { self.outstanding += times }

    func complete() {
        self.outstanding -= 1
        guard self.outstanding == 0, let action = self.action else { return }
        self.action = nil
        action()
    }

    func fail() {
        self.hasFailed = true
        self.complete()
    }
}
