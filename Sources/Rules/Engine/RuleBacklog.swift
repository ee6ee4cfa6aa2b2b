import DequeModule

/// Messages that are on disk only, for each rule: their rule's actions had no room for them, or the server was started again. Pure.
struct RuleBacklog: Sendable {
    /// What is remembered of a message.
    struct Message: Sendable, Equatable {
        let id: Int64
        /// One bit for each action that need not run again.
        let delivered: UInt64
        /// Of the message, about.
        let bytes: Int
    }

    private struct Waiting: Sendable {
        var messages: Deque<Message> = []
        var bytes = 0
        var isTakenUp = false
    }

    private var rules: [String: Waiting] = [:]

    func count(of rule: String) -> Int { self.rules[rule]?.messages.count ?? 0 }

    /// Whether the rule may put off another one.
    func hasRoom(for rule: String, maxCount: Int, maxBytes: Int) -> Bool {
        guard let waiting = self.rules[rule] else { return true }
        return waiting.messages.count < maxCount && waiting.bytes < maxBytes
    }

    mutating func add(_ message: Message, of rule: String) {
        self.rules[rule, default: Waiting()].messages.append(message)
        self.rules[rule]?.bytes += message.bytes
    }

    /// Messages that could not be read go back to where they were.
    mutating func giveBack(_ messages: [Message], of rule: String) {
        self.rules[rule, default: Waiting()].messages.prepend(contentsOf: messages)
        self.rules[rule]?.bytes += messages.reduce(0) { $0 + $1.bytes }
    }

    /// Whether the caller is to take the rule's messages up: there are some, and nobody does.
    mutating func begin(_ rule: String) -> Bool {
        guard let waiting = self.rules[rule], !waiting.messages.isEmpty, !waiting.isTakenUp else { return false }
        self.rules[rule]?.isTakenUp = true
        return true
    }

    /// The oldest ones.
    mutating func take(_ rule: String, atMost limit: Int) -> [Message] {
        guard var waiting = self.rules.removeValue(forKey: rule) else { return [] }
        let taken = Array(waiting.messages.prefix(limit))
        waiting.messages.removeFirst(taken.count)
        waiting.bytes -= taken.reduce(0) { $0 + $1.bytes }
        self.rules[rule] = waiting
        return taken
    }

    mutating func end(_ rule: String) {
        self.rules[rule]?.isTakenUp = false
        if self.rules[rule]?.messages.isEmpty == true { self.rules[rule] = nil }
    }
}
