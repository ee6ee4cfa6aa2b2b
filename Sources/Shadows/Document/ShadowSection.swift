import JSON

/// The desired or the reported half of a shadow: values, and when each was last set.
///
/// `metadata` has the shape of `state`: an object for each object, an array for each array, `{"timestamp": seconds}` for each other value.
struct ShadowSection: Sendable, Hashable {
    var state: JSONObject
    var metadata: JSONObject

    /// Merges a change into a section (AWS IoT Developer Guide, device shadows): objects by key, all else replaced whole, `null` deletes.
    ///
    /// - Returns: nil when nothing is left.
    static func merging(_ change: JSONObject, into old: ShadowSection?, at time: Int64) -> ShadowSection? {
        var section = old ?? ShadowSection(state: [:], metadata: [:])
        section.merge(change, at: time)
        return section.state.isEmpty ? nil : section
    }

    private mutating func merge(_ change: JSONObject, at time: Int64) {
        for (key, value) in change {
            switch value {
            case .null:
                self.state.removeValue(forKey: key)
                self.metadata.removeValue(forKey: key)
            case .object(let inner):
                let child = Self.merged(inner, into: self.takeChild(key), at: time)
                self.state.updateValue(.object(child.state), forKey: key)
                self.metadata.updateValue(.object(child.metadata), forKey: key)
            default:
                self.state.updateValue(value, forKey: key)
                self.metadata.updateValue(Self.stamp(value, at: time), forKey: key)
            }
        }
    }

    private static func merged(_ change: JSONObject, into child: ShadowSection, at time: Int64) -> ShadowSection {
        var child = child
        child.merge(change, at: time)
        return child
    }

    /// The object of that key, taken out so that changing it copies nothing; empty when there is none. The key keeps its place.
    private mutating func takeChild(_ key: String) -> ShadowSection {
        guard case .object(let state)? = self.state[key] else { return ShadowSection(state: [:], metadata: [:]) }
        self.state.updateValue(.null, forKey: key)
        guard case .object(let metadata)? = self.metadata.updateValue(.null, forKey: key) else {
            return ShadowSection(state: state, metadata: [:])
        }
        return ShadowSection(state: state, metadata: metadata)
    }

    /// The metadata of a value that was set at `time`.
    static func stamp(_ value: JSONValue, at time: Int64) -> JSONValue {
        switch value {
        case .object(let object): .object(self.stamp(object, at: time))
        case .array(let values): .array(values.map { self.stamp($0, at: time) })
        default: .object(["timestamp": .int(time)])
        }
    }

    /// The metadata of what a request sent: what it deletes has none.
    static func stamp(_ change: JSONObject, at time: Int64) -> JSONObject {
        var metadata = JSONObject()
        metadata.reserveCapacity(change.count)
        for (key, value) in change where !value.isNull { metadata.updateValue(self.stamp(value, at: time), forKey: key) }
        return metadata
    }
}
