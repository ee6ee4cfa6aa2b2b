import JSON

/// A shadow as a value: what is desired, what is reported, and its version (AWS IoT Developer Guide, device shadows).
struct ShadowDocument: Sendable, Hashable {
    var desired: ShadowSection?
    var reported: ShadowSection?
    /// Grows by one with each update.
    var version: Int64
    /// When it was last updated, seconds since 1970.
    var timestamp: Int64

    /// What a shadow is before its first update: `version` goes on from a deleted one.
    static func blank(version: Int64) -> ShadowDocument {
        ShadowDocument(desired: nil, reported: nil, version: version, timestamp: 0)
    }

    /// `{"desired": …, "reported": …}`, without what is empty.
    var state: JSONObject { Self.pair(self.desired?.state, self.reported?.state) }
    var metadata: JSONObject { Self.pair(self.desired?.metadata, self.reported?.metadata) }
    var delta: ShadowDelta? { ShadowDelta(desired: self.desired, reported: self.reported) }

    private static func pair(_ desired: JSONObject?, _ reported: JSONObject?) -> JSONObject {
        var pair = JSONObject()
        if let desired { pair["desired"] = .object(desired) }
        if let reported { pair["reported"] = .object(reported) }
        return pair
    }

    /// The document after an update (AWS IoT Developer Guide, device shadows).
    func applying(_ change: ShadowChange, at time: Int64) -> ShadowDocument {
        ShadowDocument(
            desired: Self.apply(change.desired, to: self.desired, at: time),
            reported: Self.apply(change.reported, to: self.reported, at: time),
            version: self.version + 1, timestamp: time)
    }

    private static func apply(_ part: ShadowChange.Part, to section: ShadowSection?, at time: Int64) -> ShadowSection? {
        switch part {
        case .untouched: section
        case .removed: nil
        case .merged(let change): ShadowSection.merging(change, into: section, at: time)
        }
    }
}

extension ShadowDocument {
    /// A document as it was stored: the members of `state` and `metadata`.
    init(state: JSONValue, metadata: JSONValue, version: Int64, timestamp: Int64) {
        self.desired = Self.section("desired", state, metadata)
        self.reported = Self.section("reported", state, metadata)
        self.version = version
        self.timestamp = timestamp
    }

    private static func section(_ name: String, _ state: JSONValue, _ metadata: JSONValue) -> ShadowSection? {
        guard case .object(let values)? = state[name] else { return nil }
        return ShadowSection(state: values, metadata: metadata[name]?.objectValue ?? [:])
    }
}
