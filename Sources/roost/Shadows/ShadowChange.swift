import JSON

/// One entry of a shadow's history.
struct ShadowChange: Sendable, Hashable {
    /// What the shadow was afterwards.
    let state: ShadowState
    let isDeletion: Bool
    /// Who asked for it: `mqtt:CLIENT` or `http:KEY`.
    let source: String

    /// - Parameter json: an entry of ListThingShadowHistory's answer; nil for anything else.
    init?(_ json: JSONValue) {
        guard let state = ShadowState(json), let isDeletion = json["deleted"]?.boolValue, let source = json["source"]?.stringValue else {
            return nil
        }
        self.state = state
        self.isDeletion = isDeletion
        self.source = source
    }
}
