import NIOCore

/// QoS 2 messages whose client went away before the disk had them. A client that comes back and sends one again is answered when it is
/// there, by the receipt of the first time, and not because its identifier is known.
extension Shard {
    /// - Parameter receipts: what the messages of these packet identifiers wait for.
    func keep(_ receipts: some Sequence<(key: UInt16, value: PublishReceipt)>, of session: Session) {
        for (packetID, receipt) in receipts {
            guard !receipt.isDone else {
                if receipt.hasFailed { self.forgetReceived(packetID, of: session) }
                continue
            }
            session.unsettled[packetID] = receipt
            receipt.whenDone { [weak self, weak session, unowned receipt] in
                guard let session, session.unsettled[packetID] === receipt else { return }
                if receipt.hasFailed { self?.forgetReceived(packetID, of: session) }
                session.unsettled[packetID] = nil
            }
        }
    }

    /// A QoS 2 publish was refused after all: its identifier is free (MQTT 5.0 §4.3.3).
    func forgetReceived(_ packetID: UInt16, of session: Session) {
        guard !session.isDiscarded, session.received.remove(packetID) != nil, session.isPersistent else { return }
        self.journal.record(.unreceived(session: session.id, packetID: packetID))
        self.scheduleFlush()
    }

    /// The session moves on: from now on its receipts are settled on another loop.
    func passUnsettled(of session: Session, to other: Shard) {
        session.unsettled = session.unsettled.mapValues { receipt in
            let there = PublishReceipt()
            there.expect(1)
            receipt.whenDone { [unowned receipt] in
                let answer = RemoteReceipt(receipt: there, hasFailed: receipt.hasFailed)
                other.eventLoop.execute { answer.finish() }
            }
            return there
        }
    }
}
