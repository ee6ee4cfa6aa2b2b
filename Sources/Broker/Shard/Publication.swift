/// A message on its way through one loop: the bytes are borrowed, and kept only when somebody must keep them.
struct Publication {
    let view: MessageView
    let qos: UInt8
    let isRetained: Bool
    /// The publishing session, when it belongs to this loop.
    let publisher: Session?
    let publisherID: String
    /// Where a message without a publishing session comes from, for services.
    var origin: MessageOrigin?
    private var keptBody: MessageBody?
    /// The publisher's QoS 2 identifier, to be written together with the message by the one loop that has receivers.
    var received: ReceivedMark?
    /// Made when something must be safe before the publish is acknowledged.
    private(set) var receipt: PublishReceipt?

    init(view: MessageView, qos: UInt8, isRetained: Bool, publisher: Session?, publisherID: String) {
        self.view = view
        self.qos = qos
        self.isRetained = isRetained
        self.publisher = publisher
        self.publisherID = publisherID
    }

    init(body: MessageBody, view: MessageView, publisher: Session?) {
        self.init(view: view, qos: body.qos, isRetained: body.isRetained, publisher: publisher, publisherID: body.publisher)
        self.keptBody = body
    }

    /// The message as a value that may be kept; copied at the first call.
    mutating func body(_ shared: BrokerShared) -> MessageBody {
        if let body = self.keptBody { return body }
        let body = MessageBody(
            id: shared.nextID(), topic: self.view.topic, properties: self.view.properties, payload: self.view.payload, qos: self.qos,
            isRetained: self.isRetained, expiresAt: self.view.expiresAt, publishedAt: wallMilliseconds(), publisher: self.publisherID)
        self.keptBody = body
        return body
    }

    /// One more thing that must be safe first, or several. `nil` for QoS 0, which nobody acknowledges.
    mutating func expectReceipt(_ times: Int = 1) -> PublishReceipt? {
        if self.qos == 0 { return nil }
        let receipt = self.receipt ?? PublishReceipt()
        self.receipt = receipt
        receipt.expect(times)
        return receipt
    }
}

/// A QoS 2 packet identifier of a session that outlives its connection.
struct ReceivedMark: Sendable {
    var session: Int64
    var packetID: UInt16
}

/// A message for another loop.
///
/// The receipt is only carried there and comes back to the loop that made it; that is the unchecked claim.
struct RemotePublish: @unchecked Sendable {
    let body: MessageBody
    let receipt: PublishReceipt?
    /// The member of a share group that was picked, and its subscription; `nil`: the group itself, or whoever subscribes there.
    let member: SharedGroup.Member?
    /// The group of the member, and how often a member was picked that had gone meanwhile.
    var group: ExactText?
    var attempts = 0
    /// Waited for the group: the member may refuse it.
    var isFromQueue = false
    /// To be written in the same commit as the message.
    var received: ReceivedMark?
}

/// A receipt on its way back to its loop; the same claim.
struct RemoteReceipt: @unchecked Sendable {
    let receipt: PublishReceipt
    let hasFailed: Bool

    func finish() { if self.hasFailed { self.receipt.fail() } else { self.receipt.complete() } }
}
