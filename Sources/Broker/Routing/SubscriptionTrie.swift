/// One session's subscription at a node of the trie.
struct Subscription {
    let session: Session
    var options: SubscriptionOptions
}

/// A node: one level of the filters that lead to it. Levels are compared byte by byte.
final class TrieNode {
    let level: [UInt8]
    private(set) weak var parent: TrieNode?
    /// By the hash of the level; nodes whose hashes are the same are chained.
    fileprivate var children: [UInt64: TrieNode] = [:]
    fileprivate var sibling: TrieNode?
    fileprivate var singleLevel: TrieNode?
    fileprivate var multiLevel: TrieNode?
    var subscriptions: [Subscription] = []
    var groups: [SharedGroup] = []
    var services: [any ImmediateSubscriber] = []
    var gathered: [any GatheredSubscriber] = []
    /// How many sessions of each other loop subscribe here; empty with one loop.
    var remote: [Int: Int] = [:]

    init(level: [UInt8], parent: TrieNode?) {
        self.level = level
        self.parent = parent
    }

    var isUnused: Bool {
        self.subscriptions.isEmpty && self.groups.isEmpty && self.services.isEmpty && self.gathered.isEmpty && self.remote.isEmpty
            && self.children.isEmpty
            && self.singleLevel == nil && self.multiLevel == nil
    }

    fileprivate func child(_ level: UnsafeRawBufferPointer) -> TrieNode? {
        if self.children.isEmpty { return nil }
        var node = self.children[topicHash(level)]
        while let candidate = node, !bytesEqual(candidate.level, level) { node = candidate.sibling }
        return node
    }

    fileprivate func addChild(_ level: UnsafeRawBufferPointer) -> TrieNode {
        let node = TrieNode(level: [UInt8](level), parent: self)
        let hash = topicHash(level)
        node.sibling = self.children[hash]
        self.children[hash] = node
        return node
    }

    fileprivate func remove(_ node: TrieNode) {
        if self.singleLevel === node { self.singleLevel = nil }
        if self.multiLevel === node { self.multiLevel = nil }
        let hash = node.level.withUnsafeBytes { topicHash($0) }
        guard let first = self.children[hash] else { return }
        if first === node {
            self.children[hash] = node.sibling
            return
        }
        var current = first
        while let next = current.sibling, next !== node { current = next }
        if current.sibling === node { current.sibling = node.sibling }
    }
}

/// All filters that one event loop routes by. What a topic costs to match depends on its levels, not on the number of filters.
final class SubscriptionTrie {
    private let root = TrieNode(level: [], parent: nil)
    private let multiLevelMatchesParent: Bool

    init(multiLevelMatchesParent: Bool) { self.multiLevelMatchesParent = multiLevelMatchesParent }

    /// The node of a valid filter, made where it is missing. Depth is bounded by the profile before this is called.
    func node(for filter: UnsafeRawBufferPointer) -> TrieNode {
        var node = self.root
        forEachLevel(filter) { level in
            if isWildcard(level, "+") {
                let next = node.singleLevel ?? TrieNode(level: [UInt8](level), parent: node)
                node.singleLevel = next
                node = next
            } else if isWildcard(level, "#") {
                let next = node.multiLevel ?? TrieNode(level: [UInt8](level), parent: node)
                node.multiLevel = next
                node = next
            } else {
                node = node.child(level) ?? node.addChild(level)
            }
        }
        return node
    }

    func existingNode(for filter: UnsafeRawBufferPointer) -> TrieNode? {
        var node: TrieNode? = self.root
        forEachLevel(filter) { level in
            if isWildcard(level, "+") {
                node = node?.singleLevel
            } else if isWildcard(level, "#") {
                node = node?.multiLevel
            } else {
                node = node?.child(level)
            }
        }
        return node
    }

    /// Takes out a node that nothing uses any more, and its ancestors likewise.
    func prune(_ node: TrieNode) {
        var node = node
        while node.isUnused, let parent = node.parent {
            parent.remove(node)
            node = parent
        }
    }

    /// Calls `visit` for each node whose filter matches the topic (MQTT 5.0 §4.7).
    func match(_ topic: UnsafeRawBufferPointer, visit: (TrieNode) -> Void) {
        let isReserved = topic.first == UInt8(ascii: "$")
        self.match(self.root, topic[...], allowsWildcard: !isReserved, visit: visit)
    }

    /// Recursion is as deep as the topic has levels, which the profile bounds.
    private func match(
        _ node: TrieNode, _ rest: Slice<UnsafeRawBufferPointer>, allowsWildcard: Bool, visit: (TrieNode) -> Void
    ) {
        let end = rest.firstIndex(of: UInt8(ascii: "/"))
        let level = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.endIndex)])
        if allowsWildcard, let all = node.multiLevel { visit(all) }
        if let child = node.child(level) { self.descend(child, rest, after: end, visit: visit) }
        if allowsWildcard, let any = node.singleLevel { self.descend(any, rest, after: end, visit: visit) }
    }

    private func descend(_ node: TrieNode, _ rest: Slice<UnsafeRawBufferPointer>, after end: Int?, visit: (TrieNode) -> Void) {
        guard let end else {
            visit(node)
            if self.multiLevelMatchesParent, let all = node.multiLevel { visit(all) }
            return
        }
        self.match(node, rest[(end + 1)...], allowsWildcard: true, visit: visit)
    }
}

@inline(__always)
private func isWildcard(_ level: UnsafeRawBufferPointer, _ wildcard: Unicode.Scalar) -> Bool {
    level.count == 1 && level[0] == UInt8(ascii: wildcard)
}

func forEachLevel(_ text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
    var start = 0
    for i in 0..<text.count where text[i] == UInt8(ascii: "/") {
        body(UnsafeRawBufferPointer(rebasing: text[start..<i]))
        start = i + 1
    }
    body(UnsafeRawBufferPointer(rebasing: text[start...]))
}
