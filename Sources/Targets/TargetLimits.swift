/// The limits of the embedded targets, and what happens at each.
package struct TargetLimits: Sendable {
    /// Queues, streams and the like of one service. Past it none is made: LimitExceededException or the service's own error.
    package var maxTargets = 10_000
    /// Records that a log keeps for one target, and their bytes. Past it the oldest go.
    package var maxRecords = 100_000
    package var maxRecordBytes = 256 << 20
    /// Records that one reading gives.
    package static let maxPage = 1_000

    package init() {}
}
