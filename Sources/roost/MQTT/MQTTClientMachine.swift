import Broker

/// What a listening MQTT 5.0 client does with what happens on its connection.
///
/// - Parameter Waiter: who waits for CONNACK or a SUBACK; merely carried.
struct MQTTClientMachine<Waiter> {
    private enum State {
        /// Can transition to: `connecting`, `ended`.
        case idle
        /// CONNECT was sent. Can transition to: `connected`, `ended`.
        case connecting(Waiter)
        /// Can transition to: `ended`.
        case connected(Connection)
        case ended
    }

    private struct Connection {
        var subscriptions: [UInt16: Subscription] = [:]
        var lastPacketID: UInt16 = 0
        var isWaitingForPong = false
    }

    private struct Subscription {
        let filters: [String]
        let waiter: Waiter
    }

    private var state = State.idle

    enum ConnectAction {
        case send
        case refuse(Waiter, MQTTClientError)
    }

    mutating func connect(_ waiter: Waiter) -> ConnectAction {
        guard case .idle = self.state else { return .refuse(waiter, .closed) }
        self.state = .connecting(waiter)
        return .send
    }

    enum Action {
        case none
        case connected(Waiter, keepAliveSeconds: UInt16?)
        case deliver(MQTTMessage, packetID: UInt16?)
        case subscribed(Waiter)
        case refuse(Waiter, MQTTClientError)
        case end(Ending)
    }

    /// The connection is over: those who wait fail, and so does the stream of messages.
    struct Ending {
        let error: MQTTClientError
        let waiters: [Waiter]
    }

    mutating func received(_ packet: ServerPacket) -> Action {
        do throws(MQTTClientError) {
            switch self.state {
            case .idle: throw .malformed("a packet before CONNECT")
            case .connecting(let waiter): return try self.receivedFirst(packet, waiter)
            case .connected(var connection):
                let action = try Self.received(packet, &connection)
                self.state = .connected(connection)
                return action
            case .ended: return .none
            }
        } catch {
            return self.end(error).map(Action.end) ?? .none
        }
    }

    private mutating func receivedFirst(_ packet: ServerPacket, _ waiter: Waiter) throws(MQTTClientError) -> Action {
        guard case .connack(let code, let reason, let keepAliveSeconds) = packet else { throw .malformed("another packet before CONNACK") }
        guard !code.isFailure else { throw .refused(code, reason) }
        self.state = .connected(Connection())
        return .connected(waiter, keepAliveSeconds: keepAliveSeconds)
    }

    private static func received(_ packet: ServerPacket, _ connection: inout Connection) throws(MQTTClientError) -> Action {
        switch packet {
        case .publish(let message, let packetID): return .deliver(message, packetID: packetID)
        case .suback(let packetID, let codes):
            guard let subscription = connection.subscriptions[packetID], codes.count == subscription.filters.count else {
                throw .malformed("a SUBACK that belongs to no SUBSCRIBE")
            }
            connection.subscriptions[packetID] = nil
            for (filter, code) in zip(subscription.filters, codes) where code.isFailure {
                return .refuse(subscription.waiter, .subscriptionRefused(filter: filter, code))
            }
            return .subscribed(subscription.waiter)
        case .pingresp:
            connection.isWaitingForPong = false
            return .none
        case .disconnect(let code, let reason): throw .disconnected(code, reason)
        case .connack: throw .malformed("a second CONNACK")
        }
    }

    enum SubscribeAction {
        case send(packetID: UInt16)
        case refuse(Waiter, MQTTClientError)
    }

    mutating func subscribe(_ filters: [String], _ waiter: Waiter) -> SubscribeAction {
        guard case .connected(var connection) = self.state else { return .refuse(waiter, .closed) }
        // Ids of this client's SUBSCRIBEs alone: 65,535 of them never wait at one time.
        connection.lastPacketID = connection.lastPacketID == .max ? 1 : connection.lastPacketID + 1
        connection.subscriptions[connection.lastPacketID] = Subscription(filters: filters, waiter: waiter)
        self.state = .connected(connection)
        return .send(packetID: connection.lastPacketID)
    }

    enum PingAction {
        case none
        case send
        case end(Ending)
    }

    /// MQTT 5.0 §3.1.2.10.
    mutating func hitPingTime() -> PingAction {
        switch self.state {
        case .idle, .connecting, .ended: return .none
        case .connected(var connection):
            if connection.isWaitingForPong { return self.end(.silent).map(PingAction.end) ?? .none }
            connection.isWaitingForPong = true
            self.state = .connected(connection)
            return .send
        }
    }

    /// - Returns: nil when it had ended before.
    mutating func end(_ error: MQTTClientError) -> Ending? {
        defer { self.state = .ended }
        switch self.state {
        case .idle: return Ending(error: error, waiters: [])
        case .connecting(let waiter): return Ending(error: error, waiters: [waiter])
        case .connected(let connection): return Ending(error: error, waiters: connection.subscriptions.values.map(\.waiter))
        case .ended: return nil
        }
    }
}
