import NIOCore
import Synchronization

/// The open channels that must be told when the server stops. A channel leaves when it closes.
final class ChannelSet: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func insert(_ channel: any Channel) {
        self.channels.withLock { $0[ObjectIdentifier(channel)] = channel }
        let id = ObjectIdentifier(channel)
        channel.closeFuture.whenComplete { [self] _ in
            self.channels.withLock { $0[id] = nil }
        }
    }

    func remove(_ channel: any Channel) {
        self.channels.withLock { $0[ObjectIdentifier(channel)] = nil }
    }

    func all() -> [any Channel] {
        self.channels.withLock { Array($0.values) }
    }
}
