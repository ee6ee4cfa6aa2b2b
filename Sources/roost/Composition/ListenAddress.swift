import NIOCore

/// The address that the listeners bind, and how clients on this machine name it.
struct ListenAddress: Sendable {
    let host: String
    let isLoopback: Bool
    /// What stands in URLs: the server certificate names it.
    let clientHost: String

    static let loopback = "127.0.0.1"

    /// - Throws: `CommandFailure` when the text is no address and no name that resolves.
    init(_ host: String) throws {
        guard let address = try? SocketAddress.makeAddressResolvingHost(host, port: 0), let ip = address.ipAddress else {
            throw CommandFailure(
                .configuration,
                "“\(host)” is not an address to listen on. Give an IP address of this machine, 0.0.0.0 for all, or leave --listen out.")
        }
        self.host = host
        self.isLoopback = ip == "::1" || ip.hasPrefix("127.")
        if self.isLoopback || ip == "0.0.0.0" || ip == "::" {
            self.clientHost = "localhost"
        } else {
            self.clientHost = host.contains(":") ? "[\(host)]" : host
        }
    }
}
