import NIOCore

/// A part of the program that receives messages like any client (design: one way for a message to travel): an ``ImmediateSubscriber`` or a
/// ``GatheredSubscriber``.
package protocol ServiceSubscriber: AnyObject, Sendable {}

/// A service that looks at each message on the publisher's event loop.
package protocol ImmediateSubscriber: ServiceSubscriber {
    /// Whether publishers of QoS 1 and 2 get their acknowledgement only when this service has finished the delivery's receipt: a service
    /// that keeps what it is sent says so when it is on disk.
    var holdsAcknowledgements: Bool { get }

    /// Called on the event loop that routes the message; must not block. At most once per message.
    func receive(_ delivery: ServiceDelivery)
}

extension ImmediateSubscriber {
    package var holdsAcknowledgements: Bool { false }
}

/// A service that works on threads of its own, and holds acknowledgements.
package protocol GatheredSubscriber: ServiceSubscriber {
    /// Takes its messages.
    var inbox: any ServiceInbox { get }
}

/// Takes the messages of ``GatheredSubscriber``s.
package protocol ServiceInbox: AnyObject, Sendable {
    /// Called on the event loop that routed the messages, at the end of a tick or before; must not block. Each receipt is to be finished
    /// once for each receiver.
    func receive(_ batch: ServiceBatch)
}

/// One message on its way to one service.
package struct ServiceDelivery: Sendable {
    package let message: MessageBody
    /// Nil for a message of the platform itself.
    package let origin: MessageOrigin?
    /// To be finished exactly once, with ``Broker/finish(_:stored:)``. `nil` when nobody waits for it: QoS 0, or a service that holds no
    /// acknowledgements.
    package let receipt: ServiceReceipt?
}

/// Who published a message.
package struct MessageOrigin: Sendable {
    /// A certificate's or access key's id, or `anonymous`.
    package var principal: String?
    /// The address that it was published from.
    package var address: String?
    /// How many rules caused the message one after the other.
    package var ruleDepth: Int

    init(_ facts: ConnectionFacts) {
        self.init(principal: facts.principal.id, address: facts.remoteAddress)
    }

    package init(principal: String?, address: String?, ruleDepth: Int = 0) {
        self.principal = principal
        self.address = address
        self.ruleDepth = ruleDepth
    }
}

/// The publisher's acknowledgement as a service holds it.
///
/// `@unchecked`: the receipt is only carried about, and touched on the loop that made it.
package struct ServiceReceipt: @unchecked Sendable {
    fileprivate let receipt: PublishReceipt
    fileprivate let shard: Shard

    init(_ receipt: PublishReceipt, shard: Shard) {
        self.receipt = receipt
        self.shard = shard
    }
}

extension Broker {
    /// Lets the acknowledgements of these messages go; when they were not stored, the publishers are told as the protocol has it.
    /// Callable from anywhere.
    package func finish(_ receipts: [ServiceReceipt], stored: Bool) {
        guard let shard = receipts.first?.shard else { return }
        // Mostly they are of one loop.
        guard receipts.allSatisfy({ $0.shard === shard }) else {
            let byLoop = Dictionary(grouping: receipts) { $0.shard.index }
            return byLoop.values.forEach { self.finish($0, stored: stored) }
        }
        shard.eventLoop.execute {
            for item in receipts { if stored { item.receipt.complete() } else { item.receipt.fail() } }
        }
    }
}
