import NIOCore
import Synchronization

/// Counts the device connections, in total and of each address, and refuses what exceeds the limits before anything is read.
final class ConnectionGate: Sendable {
    private struct State {
        var total = 0
        var byAddress: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let limits: GatewayLimits
    private let metrics: GatewayMetrics

    init(limits: GatewayLimits, metrics: GatewayMetrics) {
        self.limits = limits
        self.metrics = metrics
    }

    var total: Int { self.state.withLock { $0.total } }

    struct Refused: Error {
        let reason: GatewayMetrics.Refusal
    }

    /// Takes a place until the channel closes, or throws ``Refused``.
    func enter(_ channel: any Channel) throws(Refused) {
        let address = channel.remoteAddress?.ipAddress ?? ""
        let (refusal, total) = self.state.withLock { state -> (GatewayMetrics.Refusal?, Int) in
            if state.total >= self.limits.maxConnections { return (.tooManyConnections, state.total) }
            if state.byAddress[address, default: 0] >= self.limits.maxConnectionsPerAddress { return (.tooManyFromAddress, state.total) }
            state.total += 1
            state.byAddress[address, default: 0] += 1
            return (nil, state.total)
        }
        if let refusal {
            self.metrics.refused(refusal)
            throw Refused(reason: refusal)
        }
        self.metrics.connections(total)
        channel.closeFuture.whenComplete { [self] _ in self.leave(address) }
    }

    private func leave(_ address: String) {
        let total = self.state.withLock { state in
            state.total -= 1
            let count = state.byAddress[address, default: 1] - 1
            // An address that has no connection left is forgotten, so that the table is no longer than the connections.
            state.byAddress[address] = count > 0 ? count : nil
            return state.total
        }
        self.metrics.connections(total)
    }
}
