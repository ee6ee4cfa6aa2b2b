package import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// How a request went.
enum HTTPAnswer: Sendable, Equatable {
    case answered(status: Int, Body)
    case failed(HTTPFailure)

    /// What became of the answer's body, which nobody asks for.
    enum Body: Sendable, Equatable {
        case complete
        /// Above ``HTTPSender/maxAnswerBytes``.
        case tooLong
        /// The connection closed in it.
        case cut
    }
}

/// Why a request has no answer.
struct HTTPFailure: Error, Sendable, Equatable, CustomStringConvertible {
    enum Kind: Sendable, Equatable { case timedOut, unknownHost, invalidURL, connection }

    let kind: Kind
    let description: String
}

/// Sends what rules send to web servers.
final class HTTPSender: Sendable {
    /// Bytes of an answer that are read.
    static let maxAnswerBytes = 16_384

    private let client: HTTPClient
    private let stopping = Mutex(false)

    init(_ client: HTTPClient) { self.client = client }

    /// Whether this server stops: then a failure says nothing of the other side.
    var isStopping: Bool { self.stopping.withLock { $0 } }

    func shutdown() async {
        self.stopping.withLock { $0 = true }
        try? await self.client.shutdown()
    }

    /// One request, no redirects.
    ///
    /// - Parameter timeout: from the connection to the answer's last byte.
    func post(_ url: String, headers: [(name: String, value: String)], body: [UInt8], timeout: Duration) async -> HTTPAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let prepared = request
        do {
            return try await withThrowingTaskGroup(of: HTTPAnswer.self) { tasks in
                tasks.addTask { try await self.answer(to: prepared, timeout: timeout) }
                // The client's own deadline ends with the answer's head.
                tasks.addTask {
                    try await Task.sleep(for: timeout)
                    throw HTTPClientError.deadlineExceeded
                }
                defer { tasks.cancelAll() }
                return try await tasks.next() ?? .failed(HTTPFailure(kind: .connection, description: "the request was not made"))
            }
        } catch {
            return .failed(Self.failure(error, timeout: timeout))
        }
    }

    private func answer(to request: HTTPClientRequest, timeout: Duration) async throws -> HTTPAnswer {
        let response = try await self.client.execute(request, timeout: TimeAmount(timeout))
        let status = Int(response.status.code)
        do {
            _ = try await response.body.collect(upTo: Self.maxAnswerBytes)
            return .answered(status: status, .complete)
        } catch is NIOTooManyBytesError {
            return .answered(status: status, .tooLong)
        } catch  where !Task.isCancelled {
            return .answered(status: status, .cut)
        }
    }

    private static func failure(_ error: any Error, timeout: Duration) -> HTTPFailure {
        if let error = error as? NIOConnectionError { return Self.failure(error) }
        // So it is for hosts that are addresses.
        if let error = error as? IOError, Self.connectErrors.contains(error.errnoCode) {
            return HTTPFailure(kind: .connection, description: "no connection: \(error)")
        }
        switch error as? HTTPClientError {
        case .some(.deadlineExceeded), .some(.readTimeout), .some(.connectTimeout), .some(.getConnectionFromPoolTimeout),
            .some(.tlsHandshakeTimeout), .some(.writeTimeout):
            return HTTPFailure(
                kind: .timedOut, description: "the endpoint did not answer within \(Int((timeout / .milliseconds(1)).rounded(.up))) ms")
        case .some(.invalidURL), .some(.emptyHost), .some(.emptyScheme):
            return HTTPFailure(kind: .invalidURL, description: "the URL is not one that can be asked")
        case .some(.remoteConnectionClosed):
            return HTTPFailure(kind: .connection, description: "the endpoint closed the connection")
        default: return HTTPFailure(kind: .connection, description: "the request failed: \(error)")
        }
    }

    private static let connectErrors: Set<CInt> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT]

    private static func failure(_ error: NIOConnectionError) -> HTTPFailure {
        guard let first = error.connectionErrors.first else {
            return HTTPFailure(kind: .unknownHost, description: "the host \(error.host) is not known")
        }
        return HTTPFailure(kind: .connection, description: "no connection to \(error.host):\(error.port): \(first.error)")
    }
}

extension RulesSettings {
    /// How the http action's client is set up.
    package var httpConfiguration: HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = self.trustFile { tls.additionalTrustRoots = [.file(file)] }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(3), read: .seconds(3))
        // A try is one connection; what follows it is for the action to say.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Shorter than servers keep an idle connection, so that a request seldom meets one that is being closed.
        configuration.connectionPool.idleTimeout = .seconds(1)
        configuration.decompression = .disabled
        return configuration
    }
}
