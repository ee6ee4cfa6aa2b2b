package import AWSAPI
package import Broker

/// What the gateway calls when it has found out who is there; the composition hands it in.
package struct GatewayServices: Sendable {
    let directory: any DeviceDirectory
    let broker: Broker
    /// Answers a request of the HTTPS port.
    let respond: @Sendable (APIRequest) async -> APIResponse
    /// The answer to a request that is refused before it was read to its end.
    let refuse: @Sendable (AWSError) -> APIResponse
    /// Checks the signature of a WebSocket upgrade and names the access key that made it.
    let authenticateWebSocket: @Sendable (APIRequest) async throws(AWSError) -> String

    package init(
        directory: any DeviceDirectory, broker: Broker,
        respond: @escaping @Sendable (APIRequest) async -> APIResponse,
        refuse: @escaping @Sendable (AWSError) -> APIResponse,
        authenticateWebSocket: @escaping @Sendable (APIRequest) async throws(AWSError) -> String
    ) {
        self.directory = directory
        self.broker = broker
        self.respond = respond
        self.refuse = refuse
        self.authenticateWebSocket = authenticateWebSocket
    }
}
