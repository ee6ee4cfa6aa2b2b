/// A share group (MQTT 5.0 §4.8.2): one member receives each message. Every loop holds the same groups.
final class SharedGroup {
    struct Member {
        let clientID: ExactText
        /// The event loop of the member's session.
        var loop: Int
        var options: SubscriptionOptions
        var isOnline: Bool
        var isPersistent: Bool
    }

    /// The filter with its `$share/NAME/`.
    let filter: ExactText
    private(set) var members: [Member] = []
    /// Messages wait for the group (``GroupQueue``): new ones go behind them.
    var isQueued = false
    private var turn = 0

    init(filter: ExactText) { self.filter = filter }

    func update(_ member: Member) {
        if let i = self.members.firstIndex(where: { $0.clientID == member.clientID }) {
            self.members[i] = member
        } else {
            self.members.append(member)
        }
    }

    func remove(_ clientID: ExactText) {
        self.members.removeAll { $0.clientID == clientID }
    }

    /// Who is online, in turn.
    func pickOnline() -> Member? {
        let n = self.members.count
        guard n > 0 else { return nil }
        self.turn = (self.turn + 1) % n
        for k in 0..<n {
            let member = self.members[(self.turn + k) % n]
            if member.isOnline { return member }
        }
        return nil
    }

    /// Whether a message of this QoS may wait for a member that will come back.
    func waits(qos: UInt8) -> Bool {
        qos > 0 && self.members.contains { $0.isPersistent && $0.options.qos > 0 }
    }
}

/// `$share/NAME/FILTER` taken apart.
struct ShareName {
    /// Where FILTER begins.
    var filterStart: Int

    /// `nil`: not a shared subscription; throws when it is one that is not well-formed (MQTT 5.0 §4.8.2).
    static func parse(_ filter: UnsafeRawBufferPointer) throws(WireError) -> ShareName? {
        guard filter.hasPrefix("$share/") || (filter.count == 6 && filter.hasPrefix("$share")) else { return nil }
        let prefix = 7
        guard let slash = filter.dropFirst(prefix).firstIndex(of: UInt8(ascii: "/")), slash > prefix, slash + 1 < filter.count else {
            throw WireError(.topicFilterInvalid, "shared subscription is not $share/NAME/FILTER")
        }
        for b in filter[prefix..<slash] where b == UInt8(ascii: "+") || b == UInt8(ascii: "#") {
            throw WireError(.topicFilterInvalid, "share name has a wildcard")
        }
        if slash - prefix > self.maxNameBytes { throw WireError(.topicFilterInvalid, "share name is too long") }
        return ShareName(filterStart: slash + 1)
    }

    /// AWS IoT: 128 characters.
    static let maxNameBytes = 128
}
