import JSON

/// Puts together what a shadow is from its document and the messages about it.
///
/// The subscriptions stand before the document is asked for, so no change is missed; those that the document has already are known by their
/// versions, which grow by one with each update (AWS IoT Core: device shadow service documents, "version").
struct ShadowFollower: Sendable {
    /// What the shadow is; nil when there is none.
    private(set) var current: ShadowState?

    struct Event: Sendable, Equatable {
        let before: ShadowState
        let after: ShadowState
        let isDeletion: Bool
        /// Versions between what was known and this one.
        let missed: ClosedRange<Int64>?
    }

    enum Outcome: Sendable, Equatable {
        case changed(Event)
        /// The document had it.
        case known
        /// Not a message of the shadow service.
        case foreign
    }

    /// - Parameter state: the answer to GetThingShadow, asked for after the subscriptions were granted.
    init(_ state: ShadowState?) {
        self.current = state
    }

    /// A message on `/update/documents`.
    mutating func receivedDocuments(_ json: JSONValue) -> Outcome {
        guard let before = json["previous"].flatMap(ShadowState.init), var after = json["current"].flatMap(ShadowState.init) else {
            return .foreign
        }
        after.timestamp = json["timestamp"]?.intValue
        if let current = self.current, after.version <= current.version { return .known }
        let known = self.current?.version
        self.current = after
        let missed = known.flatMap { $0 < before.version ? $0 + 1...before.version : nil }
        return .changed(Event(before: before, after: after, isDeletion: false, missed: missed))
    }

    /// A message on `/delete/accepted`: its version is that of the document that is gone.
    mutating func receivedDeletion(_ json: JSONValue) -> Outcome {
        guard let version = json["version"]?.intValue else { return .foreign }
        guard let current = self.current, version >= current.version else { return .known }
        self.current = nil
        let after = ShadowState(sections: [:], version: version, timestamp: json["timestamp"]?.intValue)
        let missed = current.version < version ? current.version + 1...version : nil
        return .changed(Event(before: current, after: after, isDeletion: true, missed: missed))
    }
}
