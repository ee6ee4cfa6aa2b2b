import Broker
import NIOCore

/// Why an accepted connection was let go before it spoke MQTT or HTTP.
enum GatewayRefusal: Error, CustomStringConvertible {
    case noCertificate

    var description: String {
        switch self {
        case .noCertificate: "the client presented no certificate, and what it asked for needs one"
        }
    }
}

extension ConnectionFacts {
    /// The facts of an accepted connection; its addresses are the channel's.
    init(
        principal: Principal, transport: Transport, channel: any Channel, serverName: String? = nil, endsAt: Int64? = nil
    ) {
        self.init(
            principal: principal, transport: transport, remoteAddress: channel.remoteAddress?.ipAddress ?? "",
            remotePort: channel.remoteAddress?.port ?? 0, localAddress: channel.localAddress?.ipAddress ?? "",
            localPort: channel.localAddress?.port ?? 0, serverName: serverName, endsAt: endsAt)
    }
}
