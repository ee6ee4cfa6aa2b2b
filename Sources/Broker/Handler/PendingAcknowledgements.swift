import DequeModule

/// Acknowledgements to a publisher, in the order of its publishes: one that waits for the disk holds back those after it.
struct PendingAcknowledgements {
    struct Item {
        var type: PacketType
        var packetID: UInt16
        var reason: ReasonCode
        fileprivate var receipt: PublishReceipt?
        var hasFailed: Bool { self.receipt?.hasFailed ?? false }
    }

    private var items = Deque<Item>()

    var isEmpty: Bool { self.items.isEmpty }
    var count: Int { self.items.count }
    /// PUBACKs among them.
    private(set) var pubacks = 0

    mutating func append(_ type: PacketType, _ packetID: UInt16, _ receipt: PublishReceipt?, _ reason: ReasonCode) {
        if type == .puback { self.pubacks += 1 }
        self.items.append(Item(type: type, packetID: packetID, reason: reason, receipt: receipt))
    }

    mutating func popReady() -> Item? {
        guard let first = self.items.first, first.receipt?.isDone ?? true else { return nil }
        self.items.removeFirst()
        if first.type == .puback { self.pubacks -= 1 }
        return first
    }

    /// What a publish that is still waiting waits for.
    func receipt(of packetID: UInt16) -> PublishReceipt? { self.items.first { $0.packetID == packetID }?.receipt }

    /// Of QoS 2 messages, by packet identifier.
    var receiptsOfQoS2: [UInt16: PublishReceipt] {
        var receipts: [UInt16: PublishReceipt] = [:]
        for item in self.items where item.type == .pubrec { receipts[item.packetID] = item.receipt }
        return receipts
    }

    mutating func removeAll() { self = PendingAcknowledgements() }
}
