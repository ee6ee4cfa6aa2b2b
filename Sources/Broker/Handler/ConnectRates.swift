import NIOConcurrencyHelpers
import NIOCore

/// How often one client identifier may connect (AWS IoT quotas: CONNECT requests per client id; only with `--enforce-rates`), for all loops.
///
/// Remembers only who connected within the interval, in two generations: the older one is forgotten as a whole when all of it is past.
final class ConnectRates: Sendable {
    private struct State {
        var recent: [ExactText: NIODeadline] = [:]
        var former: [ExactText: NIODeadline] = [:]
        var recentSince = NIODeadline.distantPast
    }

    private let state = NIOLockedValueBox(State())
    private let interval: TimeAmount

    /// Identifiers of one generation; beyond, the older generation is forgotten early: a flood of names is not what this guards against.
    private static let maxClients = 100_000

    init(profile: Profile) { self.interval = .seconds(Int64(profile.connectIntervalSeconds)) }

    /// Whether the client may connect now; if so, it counts.
    func take(_ clientID: ExactText, now: NIODeadline = .now()) -> Bool {
        self.state.withLockedValue { state in
            if now - state.recentSince >= self.interval || state.recent.count >= Self.maxClients {
                state.former = state.recent
                state.recent = [:]
                state.recentSince = now
            }
            if let last = state.recent[clientID] ?? state.former[clientID], now - last < self.interval { return false }
            state.recent[clientID] = now
            return true
        }
    }
}
