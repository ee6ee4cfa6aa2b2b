internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import NIOSSL

/// Turns Hummingbird's requests into the endpoint's, and its responses back.
struct APIResponder: Sendable {
    /// Thrown after a refusal has been written: ends the connection, whose unread body nobody wants.
    private struct ConnectionRefused: Error {}

    let endpoint: AWSEndpoint
    let limits: APIServerLimits
    let budget: BodyBudget

    func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        var parts = request.body.makeAsyncIterator()
        // Checked on the headers, before a byte of the body is kept. Who does not say how much comes gets the usual limit.
        let declared = Self.declaredBytes(request.headers)
        let isLarge = declared > self.endpoint.maxBodyBytes
        let head = APIRequest(
            method: request.method.rawValue, target: request.head.path ?? "/", headers: request.headers, host: request.head.authority ?? "")
        let limit = isLarge ? self.endpoint.maxBodyBytes(of: head) : self.endpoint.maxBodyBytes
        if declared <= limit {
            guard !isLarge || self.budget.take(declared) else { return try await self.refuse(writer, .bodiesExhausted, of: head, &parts) }
            defer { if isLarge { self.budget.giveBack(declared) } }
            if request.headers[.expect]?.lowercased() == "100-continue" {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            if let body = try await self.collect(&parts, limit: isLarge ? declared : limit) {
                let response = await self.endpoint.respond(to: await self.apiRequest(request, body, channel))
                return try await writer.write(response: Self.head(response), body: ResponseBody(byteBuffer: response.body))
            }
        }
        try await self.refuse(writer, .bodyTooLarge(limit: limit), of: head, &parts)
    }

    /// What a request says of its body's length. A body in S3's chunks may tell only that of its content, to which their framing comes:
    /// some 90 bytes for each, which have 64 KiB or more in all SDKs.
    private static func declaredBytes(_ headers: HTTPFields) -> Int {
        if let length = headers[.contentLength].flatMap({ Int($0) }) { return length }
        guard let content = headers[.amzDecodedContentLength].flatMap({ Int($0) }), content >= 0 else { return 0 }
        let (sum, overflow) = content.addingReportingOverflow(content / 256 + 4096)
        return overflow ? .max : sum
    }

    /// Answers without keeping the body, and ends the connection.
    private func refuse(
        _ writer: consuming ResponseWriter, _ error: AWSError, of head: APIRequest, _ parts: inout RequestBody.AsyncIterator
    ) async throws {
        var response = self.endpoint.response(refusing: error, of: head)
        response.headers[.connection] = "close"
        try await writer.write(response: Self.head(response), body: ResponseBody(byteBuffer: response.body))
        try await self.discard(&parts)
        throw ConnectionRefused()
    }

    /// The body; nil when it is larger than allowed.
    private func collect(_ parts: inout RequestBody.AsyncIterator, limit: Int) async throws -> ByteBuffer? {
        var body = ByteBuffer()
        while var part = try await parts.next() {
            guard body.readableBytes + part.readableBytes <= limit else { return nil }
            body.writeBuffer(&part)
        }
        return body
    }

    private func discard(_ parts: inout RequestBody.AsyncIterator) async throws {
        var count = 0
        while count < self.limits.maxDiscardedBytes, let part = try await parts.next() {
            count += part.readableBytes
        }
    }

    private func apiRequest(_ request: Request, _ body: ByteBuffer, _ channel: any Channel) async -> APIRequest {
        let isSecure: Void? = try? await channel.pipeline.containsHandler(type: NIOSSLServerHandler.self).get()
        return APIRequest(
            method: request.method.rawValue,
            target: request.head.path ?? "/",
            headers: request.headers,
            host: request.head.authority ?? "",
            body: body,
            remoteAddress: channel.remoteAddress?.ipAddress,
            isSecure: isSecure != nil)
    }

    private static func head(_ response: APIResponse) -> HTTPResponse {
        HTTPResponse(status: .init(code: response.status), headerFields: response.headers)
    }
}
