package import Logging

/// What an operation knows besides its input.
package struct OperationContext: Sendable {
    /// The UUID in the response's `x-amzn-RequestId`, and in every log line about this request.
    package let requestID: String
    /// The UUID in `traceId` of data-plane bodies.
    package let traceID: String
    package let account: AccountContext
    package let caller: Caller
    package let remoteAddress: String?
    package let isSecure: Bool
    /// Host and port as the caller wrote them, for addresses that it shall call next.
    package let host: String
    package let services: InnerServices
    /// Carries the request id and the operation's name.
    package let logger: Logger
    /// Seals and opens this operation's pagination tokens.
    package let pages: PageTokens

    package init(
        requestID: String,
        traceID: String,
        account: AccountContext,
        caller: Caller,
        remoteAddress: String?,
        isSecure: Bool,
        logger: Logger,
        pages: PageTokens,
        host: String = "localhost",
        services: InnerServices = .none
    ) {
        self.requestID = requestID
        self.traceID = traceID
        self.account = account
        self.caller = caller
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
        self.logger = logger
        self.pages = pages
        self.host = host
        self.services = services
    }
}
