/// Retained messages by the levels of their topics, so that a filter finds its matches without looking at the others.
///
/// Only ``RetainedMessages`` has one, and touches it under its lock; that is the unchecked claim.
struct RetainedTree: @unchecked Sendable {
    private final class Node {
        var children: [ExactText: Node] = [:]
        var body: MessageBody?
    }

    private let root = Node()

    func insert(_ body: MessageBody) {
        var node = self.root
        body.withView { view in
            forEachLevel(view.topic) { level in
                let key = ExactText(level)
                let next = node.children[key] ?? Node()
                node.children[key] = next
                node = next
            }
        }
        node.body = body
    }

    func remove(_ body: MessageBody) {
        var path: [(Node, ExactText)] = []
        var node: Node? = self.root
        body.withView { view in
            forEachLevel(view.topic) { level in
                guard let current = node else { return }
                let key = ExactText(level)
                path.append((current, key))
                node = current.children[key]
            }
        }
        node?.body = nil
        for (parent, key) in path.reversed() {
            guard let child = parent.children[key], child.body == nil, child.children.isEmpty else { return }
            parent.children[key] = nil
        }
    }

    /// MQTT 5.0 §4.7. Recursion is as deep as the filter has levels, which the profile bounds; below `#` it is a list.
    func matches(_ filter: TopicFilter) -> [MessageBody] {
        var found: [MessageBody] = []
        self.collect(self.root, filter, 0, &found)
        return found
    }

    private func collect(_ node: Node, _ filter: TopicFilter, _ depth: Int, _ found: inout [MessageBody]) {
        guard depth < filter.levels.count else {
            if let body = node.body { found.append(body) }
            return
        }
        let level = filter.levels[depth]
        if level == [0x23] {
            if depth > 0 && filter.multiLevelMatchesParent, let body = node.body { found.append(body) }
            return self.collectBelow(node, isRoot: depth == 0, &found)
        }
        if level == [0x2B] {
            for (key, child) in node.children where depth > 0 || !key.text.utf8.starts(with: "$".utf8) {
                self.collect(child, filter, depth + 1, &found)
            }
            return
        }
        if let child = node.children[ExactText(String(decoding: level, as: UTF8.self))] {
            self.collect(child, filter, depth + 1, &found)
        }
    }

    private func collectBelow(_ node: Node, isRoot: Bool, _ found: inout [MessageBody]) {
        var waiting = node.children.filter { !isRoot || !$0.key.text.utf8.starts(with: "$".utf8) }.map(\.value)
        while let next = waiting.popLast() {
            if let body = next.body { found.append(body) }
            waiting.append(contentsOf: next.children.values)
        }
    }
}
