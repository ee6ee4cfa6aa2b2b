import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix

/// A request of the Runtime API, whole.
struct RuntimeRequest: Sendable {
    let method: String
    let path: String
    let headers: HTTPFields
    let body: ByteBuffer
}

struct RuntimeAnswer: Sendable {
    let status: Int
    var headers: HTTPFields = [:]
    var body: ByteBuffer = ByteBuffer()
}

/// The server that one instance asks for its work: HTTP/1.1 on loopback, on a port of its own, since the API knows no other way to tell
/// instances apart.
struct RuntimeAPIServer: Sendable {
    typealias Connection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    private let listener: NIOAsyncChannel<Connection, Never>
    let port: Int
    private let maxBodyBytes: Int

    /// - Parameter maxBodyBytes: past it the answer is 413.
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
    func run(_ answer: @escaping @Sendable (RuntimeRequest) async -> RuntimeAnswer) async {
        try? await self.listener.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask { await self.serve(connection, answer) }
                }
            }
        }
    }

    /// What goes wrong on one connection ends that connection.
    private func serve(_ connection: Connection, _ answer: @escaping @Sendable (RuntimeRequest) async -> RuntimeAnswer) async {
        try? await connection.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            while let part = try await parts.next() {
                guard case .head(let head) = part else { continue }
                guard let body = try await Self.body(&parts, limit: self.maxBodyBytes) else {
                    return try await Self.write(RuntimeAnswer(status: 413), outbound)
                }
                let request = RuntimeRequest(
                    method: head.method.rawValue, path: head.path ?? "/", headers: head.headerFields, body: body)
                try await Self.write(await answer(request), outbound)
            }
        }
    }

    /// Nil when it is too large.
    private static func body(
        _ parts: inout NIOAsyncChannelInboundStream<HTTPRequestPart>.AsyncIterator, limit: Int
    ) async throws -> ByteBuffer? {
        var body = ByteBuffer()
        while let part = try await parts.next() {
            switch part {
            case .head: return body
            case .body(var bytes):
                guard body.readableBytes + bytes.readableBytes <= limit else { return nil }
                body.writeBuffer(&bytes)
            case .end: return body
            }
        }
        return body
    }

    private static func write(_ answer: RuntimeAnswer, _ outbound: NIOAsyncChannelOutboundWriter<HTTPResponsePart>) async throws {
        var headers = answer.headers
        headers[.contentLength] = String(answer.body.readableBytes)
        try await outbound.write(.head(HTTPResponse(status: .init(code: answer.status), headerFields: headers)))
        try await outbound.write(.body(answer.body))
        try await outbound.write(.end(nil))
    }
}
