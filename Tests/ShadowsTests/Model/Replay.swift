import JSON
import Testing

@testable import Shadows

/// One shadow's calls, brought into the order of its versions and compared with the model.
struct Replay {
    struct Mismatch: Error {
        let what: String
    }

    private let key: ShadowKey
    private let calls: [[ShadowPropertyTests.Call]]
    /// The shadow before the first change, after it, after the second, ….
    private var states: [ModelShadow]
    /// Each of them as JSON.
    private var sides: [JSONValue]
    /// In order: the one at 0 leads from `states[0]` to `states[1]`.
    private var changes: [ShadowPropertyTests.Call] = []
    /// Where a document of that version begins, and where it ends by a deletion.
    private var updates: [Int64: Int] = [:]
    private var deletions: [Int64: Int] = [:]

    var end: ModelShadow { self.states[self.states.count - 1] }
    var count: Int { self.changes.count }

    /// - Parameter calls: of each caller, in its order.
    init(key: ShadowKey, start: ModelShadow, calls: [[ShadowPropertyTests.Call]]) throws {
        self.key = key
        self.calls = calls
        self.states = [start]
        self.sides = [start.side]
        let changes = calls.joined().compactMap { call -> (order: Int64, call: ShadowPropertyTests.Call)? in
            switch call.outcome {
            // A deletion comes after the update that has the same version.
            case .updated(let update): (update.current.version * 2, call)
            case .deleted(let version, _): (version * 2 + 1, call)
            case .found, .refused: nil
            }
        }
        for change in changes.sorted(by: { $0.order < $1.order }) { try self.append(change.call) }
    }

    private mutating func append(_ call: ShadowPropertyTests.Call) throws {
        var model = self.end
        switch (call.request, call.outcome) {
        case (.update(let state, let version), .updated(let update)):
            try self.expect(version == nil || version == model.currentVersion, "accepted version \(version ?? -1) at \(model.version)")
            try self.expect(update.current.version == model.version + 1, "\(update.current.version) follows \(model.version)")
            try self.expect(update.current.version > call.known, "version \(update.current.version) after \(call.known)")
            try self.expect(update.current.timestamp >= model.timestamp, "time goes back")
            try self.expect(isSame(Self.side(update.previous), model.side), "previous of \(update.current.version)")
            model.update(state, at: update.current.timestamp)
            try self.expect(isSame(Self.side(update.current), model.side), "current of \(model.version): \(model.side)")
            let delta = ModelShadow.touches(state) ? model.delta : nil
            try self.expect(isSame(update.delta.map { .object($0.state) }, delta?.value), "delta")
            try self.expect(isSame(update.delta.map { .object($0.metadata) }, delta?.metadata), "delta's stamps")
            self.updates[model.version] = self.states.count
        case (.delete, .deleted(let version, _)):
            try self.expect(model.exists && version == model.version, "deletion of \(version) at \(model.version)")
            model.delete()
            self.deletions[version] = self.states.count
        default: throw Mismatch(what: "\(call.outcome) for \(call.request)")
        }
        self.changes.append(call)
        self.states.append(model)
        self.sides.append(model.side)
    }

    private func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        if !condition { throw Mismatch(what: "\(self.key.resource): \(what())") }
    }

    private static func side(_ document: ShadowDocument) -> JSONValue {
        .object(["state": .object(document.state), "metadata": .object(document.metadata), "version": .int(document.version)])
    }

    // MARK: Answers

    func check(_ messages: [ShadowWatcher.Message]) throws {
        for calls in self.calls {
            // Each answer is that of a moment not before the last one's.
            var moment = 0
            for call in calls { moment = try self.moment(of: call, after: moment) }
        }
        try self.checkOrder(messages)
    }

    private func moment(of call: ShadowPropertyTests.Call, after last: Int) throws -> Int {
        let moment: Int?
        switch call.outcome {
        case .updated(let update): moment = self.updates[update.current.version]
        case .deleted(let version, _): moment = self.deletions[version]
        case .found(let shadow):
            moment = self.states[0].exists && self.states[0].version == shadow.version ? 0 : self.updates[shadow.version]
            let document = try JSONValue(parsing: ShadowMessages.document(shadow, clientToken: nil))
            try self.expect(isSame(moment.map { self.states[$0].document }, document), "get of \(shadow.version): \(document)")
            try self.expect(shadow.version >= call.known, "version \(shadow.version) after \(call.known)")
        case .refused(let problem):
            moment = self.states.indices.dropFirst(last).first { self.mayRefuse(call.request, problem, self.states[$0]) }
        }
        try self.expect(moment.map { $0 >= last } ?? false, "\(call.request) was answered with an earlier state: \(call.outcome)")
        return moment ?? last
    }

    private func mayRefuse(_ request: RandomRequests.Request, _ problem: ShadowProblem, _ state: ModelShadow) -> Bool {
        switch request {
        case .get, .delete: problem == .noShadow(named: self.key.label) && !state.exists
        case .update(_, let version): problem == .versionConflict && version != nil && version != state.currentVersion
        }
    }

    // MARK: Messages

    /// Per change: delta, documents, accepted; and the changes in the order of their versions.
    private func checkOrder(_ messages: [ShadowWatcher.Message]) throws {
        let prefix = ShadowTopics.prefix(self.key) + "/"
        let own = messages.compactMap { message -> (name: String, payload: [UInt8])? in
            let name = message.topic.hasPrefix(prefix) ? String(message.topic.dropFirst(prefix.count)) : "name/"
            return name.hasPrefix("name/") ? nil : (name, message.payload)
        }
        let expected = self.changes.indices.flatMap { self.messages(ofChange: $0) }
        try self.expect(own.count == expected.count, "\(own.count) messages instead of \(expected.count)")
        for (found, wanted) in zip(own, expected) {
            try self.expect(found.name == wanted.name, "\(found.name) instead of \(wanted.name)")
            let value = try JSONValue(parsing: found.payload)
            try self.expect(isSame(value, .object(wanted.value)), "\(found.name): \(value) instead of \(wanted.value)")
        }
    }

    private func messages(ofChange index: Int) -> [(name: String, value: JSONObject)] {
        let call = self.changes[index]
        let after = self.states[index + 1]
        guard case .update(let state, _) = call.request, case .updated(let update) = call.outcome else {
            guard case .deleted(_, let timestamp) = call.outcome else { return [] }
            return [("delete/accepted", ["timestamp": .int(timestamp), "version": .int(after.version)])]
        }
        let timestamp = JSONValue.int(after.timestamp)
        var messages: [(name: String, value: JSONObject)] = []
        if ModelShadow.touches(state), let delta = after.delta {
            messages.append(
                (
                    "update/delta",
                    ["metadata": delta.metadata, "state": delta.value, "timestamp": timestamp, "version": .int(after.version)]
                ))
        }
        messages.append(
            ("update/documents", ["current": self.sides[index + 1], "previous": self.sides[index], "timestamp": timestamp]))
        // The echo's metadata has its own tests.
        messages.append(
            ("update/accepted", ShadowMessages.accepted(update.change, version: after.version, timestamp: after.timestamp)))
        return messages
    }
}
