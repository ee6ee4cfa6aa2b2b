internal import NIOCore

/// The other services of this server, as an operation calls them to hand something on: a topic's messages to a function.
package struct InnerServices: Sendable {
    private let respond: @Sendable (APIRequest, _ signingName: String, Caller) async -> APIResponse

    /// Where there are no other services: each call is refused.
    package static let none = InnerServices { _, _, _ in APIResponse(status: 404) }

    package init(_ respond: @escaping @Sendable (APIRequest, _ signingName: String, Caller) async -> APIResponse) {
        self.respond = respond
    }

    /// - Parameter principal: whom the called service sees ("sns.amazonaws.com"); its policies ask for it and for the request's `sourceARN`.
    package func send(_ request: ServiceRequest, as principal: String) async -> APIResponse {
        var inner = APIRequest(
            method: request.method, target: request.target, headers: request.headers, host: "localhost", body: request.body)
        inner.isSecure = true
        return await self.respond(inner, request.service, .service(principal: principal, sourceARN: request.sourceARN))
    }
}
