import JSON

/// A shadow and what requests do to it, as the contract has it (AWS IoT: device shadow service documents).
struct ModelShadow {
    var desired: ModelNode?
    var reported: ModelNode?
    /// Of a deleted shadow: that of its last document.
    var version: Int64 = 0
    var timestamp: Int64 = 0
    var exists = false

    /// What a request must name when it names a version.
    var currentVersion: Int64 { self.exists ? self.version : 0 }

    mutating func update(_ state: JSONValue, at time: Int64) {
        for section in ["desired", "reported"] {
            let old = section == "desired" ? self.desired : self.reported
            var new = old
            if state == .null {
                new = nil
            } else if let change = state[section] {
                new = ModelNode.merge(change, into: old, at: time)
                if new?.isEmptyBranch == true { new = nil }
            }
            if section == "desired" { self.desired = new } else { self.reported = new }
        }
        self.version += 1
        self.timestamp = time
        self.exists = true
    }

    mutating func delete() {
        self.desired = nil
        self.reported = nil
        self.exists = false
    }

    var delta: ModelNode? { self.desired?.difference(to: self.reported) }

    // MARK: As JSON

    /// As a documents message has it.
    var side: JSONValue {
        .object(["state": self.pair(\.value), "metadata": self.pair(\.metadata), "version": .int(self.version)])
    }

    /// What a get answers.
    var document: JSONValue {
        var state = self.pair(\.value).objectValue ?? [:]
        state["delta"] = self.delta?.value
        return .object([
            "state": .object(state), "metadata": self.pair(\.metadata), "version": .int(self.version), "timestamp": .int(self.timestamp),
        ])
    }

    private func pair(_ part: (ModelNode) -> JSONValue) -> JSONValue {
        var pair = JSONObject()
        pair["desired"] = self.desired.map(part)
        pair["reported"] = self.reported.map(part)
        return .object(pair)
    }

    /// Whether an update says anything about the state, so that a device is told of what differs.
    static func touches(_ state: JSONValue) -> Bool {
        guard case .object(let sections) = state else { return true }
        return sections.contains { $0.value != .object([:]) }
    }
}
