import HeapModule

/// When retained messages expire (MQTT 5.0 §3.3.2.3.3), the next one first. Pure.
///
/// A topic that gets another message leaves its older entry behind, which is known by its id when its time comes; ``isCrowded(live:)`` tells
/// when there are too many of them.
struct RetainedExpiry {
    struct Entry: Comparable {
        /// Milliseconds since 1970.
        let time: Int64
        let id: Int64
        let topic: ExactText

        static func < (a: Entry, b: Entry) -> Bool { (a.time, a.id) < (b.time, b.id) }
        static func == (a: Entry, b: Entry) -> Bool { (a.time, a.id) == (b.time, b.id) }
    }

    /// Entries that may be left behind whatever the number of messages.
    private static let slack = 1024

    private var entries = Heap<Entry>()

    mutating func add(_ body: MessageBody, _ topic: ExactText) {
        guard body.expiresAt != 0 else { return }
        self.entries.insert(Entry(time: body.expiresAt, id: body.id, topic: topic))
    }

    /// The next entry whose time has come.
    mutating func popDue(at now: Int64) -> Entry? {
        guard let first = self.entries.min, first.time <= now else { return nil }
        return self.entries.popMin()
    }

    /// Whether most entries are of messages that are not there any more.
    func isCrowded(live: Int) -> Bool { self.entries.count > 2 * live + Self.slack }

    mutating func rebuild(_ messages: [ExactText: MessageBody]) {
        self.entries = Heap(
            messages.lazy.filter { $0.value.expiresAt != 0 }.map { Entry(time: $0.value.expiresAt, id: $0.value.id, topic: $0.key) })
    }
}
