/// A bounded cache that keeps what was used of late: two dictionaries, of which the older is dropped whole when the younger is full.
/// Every step costs one or two look-ups, and whatever is asked for at least once in each half of the capacity stays.
struct TwoGenerationCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let capacityOfOne: Int

    /// - Parameter capacity: the most entries that are held at any time.
    init(capacity: Int) {
        self.capacityOfOne = max(1, capacity / 2)
    }

    var count: Int { self.young.count + self.old.count }

    mutating func find(_ key: Key) -> Value? {
        if let value = self.young[key] { return value }
        guard let value = self.old.removeValue(forKey: key) else { return nil }
        self.insert(value, for: key)
        return value
    }

    mutating func insert(_ value: Value, for key: Key) {
        if self.young.count >= self.capacityOfOne, self.young[key] == nil {
            self.old = self.young
            self.young = [:]
        }
        self.old.removeValue(forKey: key)
        self.young[key] = value
    }

    mutating func remove(_ key: Key) {
        self.young.removeValue(forKey: key)
        self.old.removeValue(forKey: key)
    }
    mutating func removeAll() {
        self.young.removeAll()
        self.old.removeAll()
    }
}
