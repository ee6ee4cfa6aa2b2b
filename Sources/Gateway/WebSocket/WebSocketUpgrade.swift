import AWSAPI
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The way of one connection from an HTTP request for `/mqtt` to MQTT over WebSocket. Touched on the connection's event loop only.
///
/// The request is signed with SigV4, in its query or its header (AWS IoT Core developer guide, "MQTT over the WebSocket protocol"); a
/// client certificate is not asked for on this path.
final class WebSocketUpgrade {
    static let path = "/mqtt"
    static let subprotocol = "mqtt"

    private enum Outcome {
        case none
        case granted(accessKeyID: String)
        case refused(APIResponse)
    }

    private var outcome = Outcome.none
    private let authenticate: @Sendable (APIRequest) async throws(AWSError) -> String
    private let metrics: GatewayMetrics
    private let logger: Logger

    /// - Parameter authenticate: checks the signature of an upgrade request and names the access key that made it.
    init(
        authenticate: @escaping @Sendable (APIRequest) async throws(AWSError) -> String, metrics: GatewayMetrics, logger: Logger
    ) {
        self.authenticate = authenticate
        self.metrics = metrics
        self.logger = logger
    }

    /// The answer to a request whose upgrade was refused; the HTTP handler writes it.
    func takeRefusal() -> APIResponse? {
        guard case .refused(let response) = self.outcome else { return nil }
        self.outcome = .none
        return response
    }

    /// The access key of an upgrade that was granted.
    var accessKeyID: String? {
        guard case .granted(let id) = self.outcome else { return nil }
        return id
    }

    /// The headers of the 101 answer, or nil when the upgrade is refused: then the request goes on to the HTTP handler.
    func decide(_ head: HTTPRequestHead, exchange: HTTPExchange, channel: any Channel) -> EventLoopFuture<HTTPHeaders?> {
        // Another path goes on as a request, and is answered as one that nobody knows.
        guard head.uri.prefix(while: { $0 != "?" }) == Self.path else { return channel.eventLoop.makeSucceededFuture(nil) }
        // [MQTT-6.0.0-3] The client offers "mqtt".
        guard head.headers[canonicalForm: "sec-websocket-protocol"].contains(where: { $0.lowercased() == Self.subprotocol }) else {
            self.metrics.refused(.webSocketProtocol)
            let complaint = "The WebSocket subprotocol must be \"\(Self.subprotocol)\" (Sec-WebSocket-Protocol)."
            self.refuse(.invalidRequest(complaint), exchange, channel: channel)
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let request = exchange.request(head, body: ByteBuffer(), from: channel.remoteAddress)
        let promise = channel.eventLoop.makePromise(of: Result<String, AWSError>.self)
        promise.completeWithTask { [authenticate] in
            do throws(AWSError) {
                return .success(try await authenticate(request))
            } catch {
                return .failure(error)
            }
        }
        return promise.futureResult.assumeIsolated().map { result -> HTTPHeaders? in
            switch result {
            case .success(let id):
                self.outcome = .granted(accessKeyID: id)
                return ["Sec-WebSocket-Protocol": Self.subprotocol]
            case .failure(let error):
                self.metrics.refused(.signature)
                self.refuse(error, exchange, channel: channel)
                return nil
            }
        }.nonisolated()
    }

    private func refuse(_ error: AWSError, _ exchange: HTTPExchange, channel: any Channel) {
        self.outcome = .refused(exchange.refuse(error))
        self.logger.notice(
            "refused a WebSocket: \(error.message)",
            metadata: ["address": "\(channel.remoteAddress?.ipAddress ?? "")", "error": "\(error.name)"])
    }
}
