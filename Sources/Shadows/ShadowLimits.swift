/// The limits of shadows, and what happens at each.
package struct ShadowLimits: Sendable {
    /// Bytes of the state (desired and reported, as compact JSON, without metadata). Past it: 413.
    package var maxStateBytes: Int
    /// Keys nested below `desired` or `reported`; an array counts like an object. Past it: 400.
    package var maxLevels: Int
    /// Bytes of a client token. Past it: 400.
    package var maxClientTokenBytes = 64
    /// Requests of one thing that wait for their answers on one connection. Past it: 429. Nil: as many as fit the queue.
    package var maxInFlight: Int?
    /// Requests that wait for the database, and their bytes, of all shadows. Past it: 429.
    package var maxWaiting = 65_536
    package var maxWaitingBytes = 64 << 20
    /// How long a deleted shadow's version is remembered, seconds.
    package var tombstoneSeconds: Int64 = 48 * 3600
    /// Past states kept for each shadow; 0 keeps none.
    package var historyLength = 0

    /// What AWS IoT Core has as a rate: ``maxInFlight`` with `--enforce-rates`.
    package static let maxInFlightOfAWS = 10
    /// More than this cannot be asked for.
    package static let maxHistoryLength = 10_000

    /// Deeper cannot be asked for.
    package static let deepestLevels = 60

    /// The quotas of AWS IoT Core (AWS IoT Developer Guide, device shadows). Its quota table has 8 levels and its error text 6: what works there works here.
    package static let aws = ShadowLimits(maxStateBytes: 8 << 10, maxLevels: 8)
    /// As large as a message may be.
    package static let open = ShadowLimits(maxStateBytes: 128 << 10, maxLevels: deepestLevels)
}
