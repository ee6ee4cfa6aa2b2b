internal import NIOCore

/// What a connection has time for, as requests come and go. Pure: times come in, the next deadline goes out.
struct RequestDeadlines {
    private enum Phase {
        /// Can transition to: `readingBody`.
        case awaitingHead
        /// Can transition to: `responding`, `awaitingHead` (the response came before the body's end).
        case readingBody
        /// Can transition to: `awaitingHead`, `readingBody` (a pipelined request).
        case responding
    }

    private let limits: APIServerLimits
    private var phase = Phase.awaitingHead
    /// For the responses that are under way.
    private var responseTime: TimeAmount
    /// Requests whose response has not ended.
    private(set) var openRequests = 0
    /// When the connection's time is up.
    private(set) var deadline: NIODeadline

    init(limits: APIServerLimits, now: NIODeadline) {
        self.limits = limits
        self.responseTime = limits.responseTime
        self.deadline = now + limits.firstHeadTime
    }

    /// - Parameter responseTime: what the request's response may take; nil for the usual.
    mutating func receivedHead(now: NIODeadline, responseTime: TimeAmount? = nil) {
        let time = responseTime ?? self.limits.responseTime
        self.responseTime = self.openRequests == 0 ? time : max(time, self.responseTime)
        self.openRequests += 1
        self.phase = .readingBody
        self.deadline = now + self.limits.bodyTime
    }

    mutating func receivedEnd(now: NIODeadline) {
        guard self.openRequests > 0 else { return self.awaitHead(now) }
        self.phase = .responding
        self.deadline = now + self.responseTime
    }

    mutating func sentEnd(now: NIODeadline) {
        self.openRequests = max(0, self.openRequests - 1)
        switch self.phase {
        case .readingBody: break
        case .awaitingHead, .responding:
            if self.openRequests > 0 {
                self.deadline = now + self.responseTime
            } else {
                self.awaitHead(now)
            }
        }
    }

    private mutating func awaitHead(_ now: NIODeadline) {
        self.phase = .awaitingHead
        self.deadline = now + self.limits.idleTime
    }
}
