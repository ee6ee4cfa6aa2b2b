import NIOCore
import Synchronization

/// The open channels that must be told when the server stops. A channel leaves when it closes.
final class ChannelSet: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isQuiescing = false
    }

    private let state = Mutex(State())

    struct Quiescing: Error {}

    /// - Throws: ``Quiescing`` when the server stops: the channel comes too late.
    func insert(_ channel: any Channel) throws(Quiescing) {
        let id = ObjectIdentifier(channel)
        let isLate = self.state.withLock { state in
            if !state.isQuiescing { state.channels[id] = channel }
            return state.isQuiescing
        }
        if isLate { throw Quiescing() }
        channel.closeFuture.whenComplete { [self] _ in
            self.state.withLock { $0.channels[id] = nil }
        }
    }

    func remove(_ channel: any Channel) {
        self.state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
    }

    func all() -> [any Channel] {
        self.state.withLock { Array($0.channels.values) }
    }

    /// Tells each channel to end after the request that it is in; a second call does nothing, since NIO's handler takes one such event.
    func quiesce() {
        let channels = self.state.withLock { state -> [any Channel] in
            guard !state.isQuiescing else { return [] }
            state.isQuiescing = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}
