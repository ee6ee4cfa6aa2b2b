package import HTTPTypes
package import NIOCore

/// One HTTP response of the endpoint.
package struct APIResponse: Sendable {
    package var status: Int
    package var headers: HTTPFields
    package var body: ByteBuffer

    package init(status: Int, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// For HEAD: what remains says how long the body would be.
    mutating func leaveOutBody() {
        self.headers[.contentLength] = self.headers[.contentLength] ?? String(self.body.readableBytes)
        self.body = ByteBuffer()
    }
}
