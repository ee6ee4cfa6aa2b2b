import Broker
import JSON
import Synchronization

/// What GetConnection still tells of a client that is gone: its last disconnect, for half an hour (AWS IoT Developer Guide, device communication protocols).
///
/// It listens to the lifecycle events like anyone, and keeps the message as it came; parsing waits until somebody asks. Records are bounded:
/// when a generation is full the one before it is forgotten. They do not outlive the process.
final class RecentDisconnects: ImmediateSubscriber {
    static let filter = "$aws/events/presence/disconnected/#"
    static let lifeMilliseconds: Int64 = 30 * 60 * 1_000
    /// Of each of two generations.
    static let maxRecords = 16_384

    private struct State {
        var current: [String: MessageBody] = [:]
        var previous: [String: MessageBody] = [:]
    }

    struct Record: Sendable {
        let disconnectedAt: Int64
        let reason: String
        let thingName: String?
    }

    private let state = Mutex(State())

    func receive(_ delivery: ServiceDelivery) {
        let message = delivery.message
        let client = String(message.topic.dropFirst(Self.filter.count - 1))
        self.state.withLock { state in
            if state.current.count >= Self.maxRecords {
                state.previous = state.current
                state.current = [:]
            }
            state.current[client] = message
        }
    }

    func find(_ clientID: String, now: Int64 = wallMilliseconds()) -> Record? {
        let message = self.state.withLock { $0.current[clientID] ?? $0.previous[clientID] }
        guard let message, now - message.publishedAt < Self.lifeMilliseconds, let event = try? JSONValue(parsing: message.payload),
            let reason = event["disconnectReason"]?.stringValue
        else { return nil }
        return Record(
            disconnectedAt: event["timestamp"]?.intValue ?? message.publishedAt, reason: reason,
            thingName: event["thingName"]?.stringValue)
    }
}
