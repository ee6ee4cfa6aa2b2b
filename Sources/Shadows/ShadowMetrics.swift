import CoreMetrics

/// Counts requests by what was asked and how it ended: `roost_shadow_requests_total`.
struct ShadowMetrics: Sendable {
    private let gets = Pair("get")
    private let updates = Pair("update")
    private let deletions = Pair("delete")

    private struct Pair: Sendable {
        let accepted: Counter
        let rejected: Counter

        init(_ operation: String) {
            self.accepted = Counter(
                label: "roost_shadow_requests_total", dimensions: [("operation", operation), ("outcome", "accepted")])
            self.rejected = Counter(
                label: "roost_shadow_requests_total", dimensions: [("operation", operation), ("outcome", "rejected")])
        }
    }

    func count(_ request: ShadowRequest, _ outcome: ShadowOutcome) {
        let pair =
            switch request.operation {
            case .get: self.gets
            case .update: self.updates
            case .delete: self.deletions
            }
        if case .refused = outcome { pair.rejected.increment() } else { pair.accepted.increment() }
    }

    /// A request that was refused before it was read whole.
    func countRejected(_ operation: ShadowTopics.Operation) {
        switch operation {
        case .get: self.gets.rejected.increment()
        case .update: self.updates.rejected.increment()
        case .delete: self.deletions.rejected.increment()
        }
    }
}
