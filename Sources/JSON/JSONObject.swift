/// The members of a JSON object in the order in which they came.
///
/// Small objects, which is nearly all of them, are one array that is searched from the front; from `largestUnindexed` members on a
/// dictionary finds them. Setting an existing key keeps its place; removing one moves the later ones up, which costs their number.
package struct JSONObject: Sendable {
    package typealias Element = (key: String, value: JSONValue)

    /// Up to here comparing a new key with all before it (8 ns each) costs no more than hashing it into an index (75 ns), on average.
    private static let largestUnindexed = 16

    struct Member: Sendable {
        let key: String
        var value: JSONValue
    }

    private var members: [Member] = []
    /// Key to position in `members`; empty while the object is small.
    private var positions: [ExactKey: Int] = [:]

    package init() {}

    package var count: Int { self.members.count }
    package var isEmpty: Bool { self.members.isEmpty }

    /// In order.
    package var keys: [String] { self.members.map(\.key) }
    /// In the order of the keys.
    package var values: [JSONValue] { self.members.map(\.value) }

    /// The members where they lie: iterating copies each.
    @inline(__always)
    func withMembers<T>(_ body: (UnsafeBufferPointer<Member>) -> T) -> T { self.members.withUnsafeBufferPointer(body) }

    package mutating func reserveCapacity(_ count: Int) { self.members.reserveCapacity(count) }

    /// Setting nil removes the member; `.null` is a value like others.
    package subscript(key: String) -> JSONValue? {
        get { self.position(of: key).map { self.members[$0].value } }
        set {
            if let newValue {
                self.updateValue(newValue, forKey: key)
            } else {
                self.removeValue(forKey: key)
            }
        }
    }

    package func contains(_ key: String) -> Bool { self.position(of: key) != nil }

    /// Returns the value that was there.
    @discardableResult
    package mutating func updateValue(_ value: JSONValue, forKey key: String) -> JSONValue? {
        guard let position = self.position(of: key) else {
            self.append(value, forNewKey: key)
            return nil
        }
        let old = self.members[position].value
        self.members[position].value = value
        return old
    }

    /// The parser's way in, which gives no old value back. False if the key was there: its value is replaced.
    @inline(__always)
    mutating func insert(_ value: consuming JSONValue, forKey key: consuming String) -> Bool {
        if self.members.count > Self.largestUnindexed { return self.insertIndexed(value, forKey: key) }
        if let position = self.position(of: key) {
            self.members[position].value = value
            return false
        }
        self.append(value, forNewKey: key)
        return true
    }

    /// Hashes a new key once, where looking first would do it twice.
    @inline(never)
    private mutating func insertIndexed(_ value: JSONValue, forKey key: String) -> Bool {
        let indexed = ExactKey(text: key)
        if let position = self.positions.updateValue(self.members.count, forKey: indexed) {
            self.positions[indexed] = position
            self.members[position].value = value
            return false
        }
        self.members.append(Member(key: key, value: value))
        return true
    }

    @discardableResult
    package mutating func removeValue(forKey key: String) -> JSONValue? {
        guard let position = self.position(of: key) else { return nil }
        let removed = self.members.remove(at: position)
        if self.members.count <= Self.largestUnindexed {
            self.positions = [:]
        } else {
            self.positions[ExactKey(text: key)] = nil
            var index = self.positions.values.startIndex
            while index != self.positions.values.endIndex {
                if self.positions.values[index] > position { self.positions.values[index] -= 1 }
                self.positions.values.formIndex(after: &index)
            }
        }
        return removed.value
    }

    package mutating func removeAll(where shouldRemove: (Element) throws -> Bool) rethrows {
        try self.members.removeAll { try shouldRemove(($0.key, $0.value)) }
        self.positions = [:]
        self.buildIndexIfLarge()
    }

    /// The caller knows that `key` is not there.
    @inline(__always)
    private mutating func append(_ value: consuming JSONValue, forNewKey key: consuming String) {
        // Growing from one would allocate at the first, second, third and fifth member.
        if self.members.isEmpty { self.members.reserveCapacity(4) }
        self.members.append(Member(key: key, value: value))
        if self.members.count > Self.largestUnindexed { self.indexLast() }
    }

    @inline(never)
    private mutating func indexLast() {
        if self.positions.isEmpty {
            self.buildIndexIfLarge()
        } else {
            let last = self.members.count - 1
            self.positions[ExactKey(text: self.members[last].key)] = last
        }
    }

    private mutating func buildIndexIfLarge() {
        guard self.members.count > Self.largestUnindexed else { return }
        self.positions.reserveCapacity(self.members.count * 2)
        for (position, member) in self.members.enumerated() { self.positions[ExactKey(text: member.key)] = position }
    }

    private func position(of key: String) -> Int? {
        if self.members.count > Self.largestUnindexed { return self.positions[ExactKey(text: key)] }
        let count = key.utf8.count
        return self.withMembers { members in
            for index in members.indices where members[index].key.utf8.count == count && members[index].key.hasSameScalars(as: key) {
                return index
            }
            return nil
        }
    }
}

extension JSONObject: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var base: IndexingIterator<[Member]>

        package mutating func next() -> Element? { self.base.next().map { ($0.key, $0.value) } }
    }

    package func makeIterator() -> Iterator { Iterator(base: self.members.makeIterator()) }

    package var underestimatedCount: Int { self.members.count }
}

extension JSONObject: Hashable {
    package static func == (a: JSONObject, b: JSONObject) -> Bool {
        guard a.count == b.count else { return false }
        return a.withMembers { left in
            b.withMembers { right in
                left.indices.allSatisfy { index in
                    // Two objects of one origin have one order, so the same place is tried first.
                    if left[index].key.hasSameScalars(as: right[index].key) { return left[index].value == right[index].value }
                    guard let position = b.position(of: left[index].key) else { return false }
                    return left[index].value == right[position].value
                }
            }
        }
    }

    package func hash(into hasher: inout Hasher) {
        // A sum, because the order of the members does not count.
        var sum = 0
        for member in self.members {
            var inner = Hasher()
            member.key.hashScalars(into: &inner)
            inner.combine(member.value)
            sum &+= inner.finalize()
        }
        hasher.combine(sum)
        hasher.combine(self.members.count)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// A key that comes twice keeps its last value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

    /// A key that comes twice keeps its first place and its last value.
    package init(_ members: some Sequence<(String, JSONValue)>) {
        self.init()
        self.reserveCapacity(members.underestimatedCount)
        for (key, value) in members { self.updateValue(value, forKey: key) }
    }
}

extension JSONObject: CustomStringConvertible {
    package var description: String { JSONValue.object(self).serialized() }
}
