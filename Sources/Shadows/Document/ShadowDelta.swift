import JSON

/// What is desired and not reported (AWS IoT Developer Guide, device shadows), with desired's metadata.
struct ShadowDelta: Sendable, Hashable {
    var state: JSONObject
    var metadata: JSONObject

    /// - Returns: nil when nothing differs.
    init?(desired: ShadowSection?, reported: ShadowSection?) {
        guard let desired else { return nil }
        self.init(state: [:], metadata: [:])
        self.collect(desired.state, desired.metadata, reported: reported?.state)
        if self.state.isEmpty { return nil }
    }

    private init(state: JSONObject, metadata: JSONObject) {
        self.state = state
        self.metadata = metadata
    }

    private mutating func collect(_ desired: JSONObject, _ metadata: JSONObject, reported: JSONObject?) {
        for (key, wanted) in desired {
            let stamps = metadata[key] ?? .object([:])
            guard let found = reported?[key] else {
                self.add(key, wanted, stamps)
                continue
            }
            if case .object(let wanted) = wanted, case .object(let found) = found {
                var inner = ShadowDelta(state: [:], metadata: [:])
                inner.collect(wanted, stamps.objectValue ?? [:], reported: found)
                if !inner.state.isEmpty { self.add(key, .object(inner.state), .object(inner.metadata)) }
            } else if wanted != found {
                self.add(key, wanted, stamps)
            }
        }
    }

    private mutating func add(_ key: String, _ value: JSONValue, _ stamps: JSONValue) {
        self.state.updateValue(value, forKey: key)
        self.metadata.updateValue(stamps, forKey: key)
    }
}
