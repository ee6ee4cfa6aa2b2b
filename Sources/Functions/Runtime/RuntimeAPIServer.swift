import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix
import Synchronization

/// A request of the Runtime API, whole.
struct RuntimeRequest: Sendable {
    let method: String
    let path: String
    var headers: HTTPFields = [:]
    var body = ByteBuffer()
    /// Whether the body was longer than is read; then it is not whole.
    var isTooLarge = false
}

struct RuntimeAnswer: Sendable {
    let status: Int
    var headers: HTTPFields = [:]
    var body: ByteBuffer = ByteBuffer()
}

/// The server that one instance asks for its work: HTTP/1.1 on loopback, on a port of its own, since the API knows no other way to tell
/// instances apart.
final class RuntimeAPIServer: Sendable {
    typealias Connection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// A runtime needs one or two. Past it a connection is closed at once.
    static let maxConnections = 16

    private let listener: NIOAsyncChannel<Connection, Never>
    private let open = Atomic(0)
    let port: Int
    private let maxBodyBytes: Int

    /// - Parameter maxBodyBytes: what is longer is read to its end, and told as too large.
    init(group: any EventLoopGroup, maxBodyBytes: Int) async throws {
        self.maxBodyBytes = maxBodyBytes
        self.listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        self.port = self.listener.channel.localAddress?.port ?? 0
    }

    /// Serves until the task is cancelled.
    func run(_ api: RuntimeAPI) async {
        try? await self.listener.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    guard self.open.wrappingAdd(1, ordering: .relaxed).newValue <= Self.maxConnections else {
                        self.open.wrappingSubtract(1, ordering: .relaxed)
                        group.addTask { try? await connection.executeThenClose { _, _ in } }
                        continue
                    }
                    group.addTask {
                        await self.serve(connection, api)
                        self.open.wrappingSubtract(1, ordering: .relaxed)
                    }
                }
            }
        }
    }

    /// What goes wrong on one connection ends that connection.
    private func serve(_ connection: Connection, _ api: RuntimeAPI) async {
        try? await connection.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            while let part = try await parts.next() {
                guard case .head(let head) = part else { continue }
                var request = RuntimeRequest(method: head.method.rawValue, path: head.path ?? "/", headers: head.headerFields)
                try await Self.readBody(&parts, limit: self.maxBodyBytes, into: &request)
                let answer = await api.answer(request)
                do {
                    try await Self.write(answer, outbound)
                } catch {
                    await api.lost(answer)
                    throw error
                }
            }
        }
    }

    private static func readBody(
        _ parts: inout NIOAsyncChannelInboundStream<HTTPRequestPart>.AsyncIterator, limit: Int, into request: inout RuntimeRequest
    ) async throws {
        while let part = try await parts.next() {
            guard case .body(var bytes) = part else { return }
            if request.body.readableBytes + bytes.readableBytes > limit {
                request.isTooLarge = true
            } else if !request.isTooLarge {
                request.body.writeBuffer(&bytes)
            }
        }
    }

    private static func write(_ answer: RuntimeAnswer, _ outbound: NIOAsyncChannelOutboundWriter<HTTPResponsePart>) async throws {
        var headers = answer.headers
        headers[.contentLength] = String(answer.body.readableBytes)
        let head = HTTPResponse(status: .init(code: answer.status), headerFields: headers)
        // In one piece: either the connection was gone before, or all of it was sent.
        try await outbound.write(contentsOf: [.head(head), .body(answer.body), .end(nil)])
    }
}
