import AsyncHTTPClient
import JSON
import NIOCore
import NIOPosix
import NIOSSL

@testable import AWSAPI

/// Says back what it was given, over the wire.
struct EchoBody: AWSOperation {
    static let route = OperationRoute(.iot, "CreateThing", "POST", "/things/{thingName}")

    struct Input: OperationDecodable {
        let name: String
        let size: Int

        init(_ input: OperationInput) throws {
            self.name = try input.string("thingName", in: .label)
            self.size = input.rawBody.readableBytes
        }
    }

    /// Called while the request is under way.
    var whileHandling: @Sendable () async throws -> Void = {}

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.whileHandling()
        return [
            "name": .string(input.name), "size": JSONValue(input.size), "secure": .bool(context.isSecure),
            "from": .string(context.remoteAddress ?? ""),
        ]
    }
}

/// A server on a port of its own.
struct LiveServer: Sendable {
    let port: Int
    let server: APIServer
    let http: HTTPClient

    func client(_ scheme: String = "http", key: AccessKey = testKey) -> AWSClient {
        AWSClient(http: self.http, endpoint: "\(scheme)://localhost:\(self.port)", region: account.region, key: key, timeout: .seconds(10))
    }

    /// Sends `bytes` over a connection of its own and returns all that comes until the server closes it.
    func exchange(_ bytes: String, closingAfterwards: Bool = false) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(
            host: "127.0.0.1", port: self.port
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
        var received = ByteBuffer()
        do {
            try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: bytes))
                if closingAfterwards { outbound.finish() }
                for try await var part in inbound { received.writeBuffer(&part) }
            }
        } catch let error where error is IOError || error is ChannelError {
            // The server may close before all is written, or reset: the end of the conversation either way.
        }
        return String(buffer: received)
    }

    static func run<T>(
        limits: APIServerLimits = APIServerLimits(),
        allowPlain: Bool = true,
        withTLS: Bool = true,
        maxBodyBytes: Int = 1 << 20,
        operation: EchoBody = EchoBody(),
        prepare: (AWSEndpoint) -> Void = { _ in },
        _ body: (LiveServer) async throws -> T
    ) async throws -> T {
        let endpoint = makeEndpoint(maxBodyBytes: maxBodyBytes, clock: nil)
        endpoint.register(operation)
        prepare(endpoint)
        let context = withTLS ? try TestCertificate.serverContext() : nil
        let server = APIServer(
            endpoint: endpoint, host: "127.0.0.1", port: 0, tls: { context }, allowPlain: allowPlain, limits: limits,
            group: MultiThreadedEventLoopGroup.singleton, logger: quiet)
        let http = HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            configuration: .init(tlsConfiguration: try TestCertificate.clientConfiguration()))
        do {
            let result = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                let result = try await body(LiveServer(port: server.port, server: server, http: http))
                try? await http.shutdown()
                try? await server.shutDown()
                try await group.waitForAll()
                return result
            }
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }
}
