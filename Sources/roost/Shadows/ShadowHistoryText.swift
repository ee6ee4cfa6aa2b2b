/// Entries of a shadow's history as lines for a person.
struct ShadowHistoryText: Sendable {
    let text: ShadowText

    /// - Parameter previous: the entry before it; nil when the history has none.
    func lines(of change: ShadowChange, after previous: ShadowChange?) -> [String] {
        let state = change.state
        let head = self.text.head(state.version, timestamp: state.timestamp, isDeletion: change.isDeletion, source: change.source)
        // The first version has nothing before it.
        let before = previous?.state ?? (state.version == 1 && !change.isDeletion ? ShadowState.absent : nil)
        guard let before else {
            return [head, self.text.note("the version before it is no longer kept; the state was then")] + self.text.content(of: state)
        }
        var lines = [head]
        if let gap = Self.gap(from: before.version, to: change) {
            lines.append(self.text.note("versions \(gap.lowerBound) to \(gap.upperBound) were not kept: their changes are among these"))
        }
        return lines + self.text.difference(from: before, to: state)
    }

    /// The versions between two entries. A deletion has the version of what it deleted.
    private static func gap(from version: Int64, to change: ShadowChange) -> ClosedRange<Int64>? {
        let expected = change.isDeletion ? change.state.version : change.state.version - 1
        return version < expected ? version + 1...expected : nil
    }
}
