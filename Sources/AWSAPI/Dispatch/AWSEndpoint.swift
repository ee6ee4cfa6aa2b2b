internal import Foundation
internal import HTTPTypes
internal import JSON
package import Logging
package import NIOCore
internal import Synchronization

/// One port for every AWS service: authenticates a request, finds its operation, runs it and answers in the service's protocol.
///
/// It knows nothing of sockets: the API server and the device gateway's HTTPS port hand it requests.
package final class AWSEndpoint: Sendable {
    /// Answers `GET` here without signature.
    package static let healthPath = "/health"

    /// Longest part of a path that a log line repeats.
    private static let maxLoggedPath = 256

    package let account: AccountContext
    /// Bodies above this are refused; listeners check it before they buffer.
    package let maxBodyBytes: Int
    /// The verifier for requests that do not come through here: the gateway's WebSocket upgrades.
    package let verifier: SigV4Verifier

    private let now: @Sendable () -> SigningTime
    private let pageKey: PageTokens.Key
    private let logger: Logger
    private let operations = Mutex(OperationTable())
    private let allowances = Mutex<[Allowance]>([])
    private let hooks = Mutex(Hooks())
    private let metrics = EndpointMetrics()

    /// - Parameters:
    ///   - trustAnyCredentials: accept every well-formed signature.
    ///   - pageKey: seals pagination tokens; tokens outlive a restart when the key does.
    ///   - now: the clock that signatures are checked against.
    package init(
        account: AccountContext,
        credentials: any CredentialProvider,
        trustAnyCredentials: Bool = false,
        maxBodyBytes: Int = 1 << 20,
        pageKey: PageTokens.Key = .random(),
        logger: Logger,
        now: @escaping @Sendable () -> SigningTime = { SigningTime(seconds: Int64(Date().timeIntervalSince1970)) }
    ) {
        self.account = account
        self.maxBodyBytes = maxBodyBytes
        self.pageKey = pageKey
        self.logger = logger
        self.now = now
        self.verifier = SigV4Verifier(
            credentials: credentials, trustAnyCredentials: trustAnyCredentials, region: account.region, now: now)
    }

    /// Offers an operation. A second one with the same route takes the place of the first.
    package func register(_ operation: some AWSOperation) {
        self.operations.withLock { $0.add(RegisteredOperation(operation)) }
    }

    package func register(_ operations: [any AWSOperation]) {
        for operation in operations { self.register(operation) }
    }

    /// Throws when a caller may not call an operation with an input, from an address.
    package typealias Authorization = @Sendable (Caller, OperationRoute, OperationInput, String?) async throws -> Void

    /// Asked about each call that is authenticated. Set before the first request.
    package func authorize(by authorization: @escaping Authorization) {
        self.hooks.withLock { $0.authorization = authorization }
    }

    /// Hears how calls ended: without an error, or with which. Must not wait.
    package typealias Observer = @Sendable (Caller, OperationRoute, OperationInput, String?, (any Error)?) -> Void

    /// Told of each authenticated call of an operation that is offered. Set before the first request.
    package func observe(by observer: @escaping Observer) {
        self.hooks.withLock { $0.observer = observer }
    }

    /// A structure around the functions: a lock around a bare function wraps it once more each time that it is read.
    private struct Hooks {
        var authorization: Authorization?
        var observer: Observer?
    }

    /// What requests below a path, or those that are signed for a service, have more of than others.
    private struct Allowance {
        var path: String?
        var signingName: String?
        let maxBodyBytes: Int
        /// Nil for the usual.
        var responseTime: TimeAmount?
    }

    /// Lets requests below a path have larger bodies than others, which take a bounded part of the memory together (``BodyBudget``), and their
    /// responses more time.
    package func allow(below path: String, maxBodyBytes: Int, responseTime: TimeAmount) {
        self.allowances.withLock { $0.append(Allowance(path: path, maxBodyBytes: maxBodyBytes, responseTime: responseTime)) }
    }

    /// The same for requests that say they are signed for a service, whose responses take the usual time.
    package func allow(signedFor signingName: String, maxBodyBytes: Int) {
        self.allowances.withLock { $0.append(Allowance(signingName: signingName, maxBodyBytes: maxBodyBytes)) }
    }

    /// Bytes that the body of a request may have.
    ///
    /// - Parameter request: as far as its headers.
    package func maxBodyBytes(of request: APIRequest) -> Int {
        let allowances = self.allowances.withLock { $0 }
        guard !allowances.isEmpty else { return self.maxBodyBytes }
        let name = SignatureClaim.service(of: request)
        let found = allowances.first { allowance in
            allowance.path.map(request.target.hasPrefix) ?? (name != nil && allowance.signingName == name)
        }
        return found?.maxBodyBytes ?? self.maxBodyBytes
    }

    /// What the response to a request to this target may take; nil for the usual.
    func responseTime(of target: String) -> TimeAmount? {
        self.allowances.withLock { $0.first { $0.path.map(target.hasPrefix) ?? false } }?.responseTime
    }

    /// The operations that are offered.
    package var offered: [OperationRoute] { self.operations.withLock { $0.routes } }

    /// The names of a model's operations that are known, offered or not; empty for a service whose requests name their operation.
    package static func knownOperations(of service: AWSService) -> [String] { KnownOperations.shared.names(of: service) }

    /// Answers a request. Never fails: whatever goes wrong is an answer.
    package func respond(to request: APIRequest) async -> APIResponse {
        await self.respond(to: request) { table, request in try await self.authenticate(&request, table) }
    }

    /// Answers a request of another part of this server, which needs no signature and bounds its bodies itself.
    ///
    /// - Parameter signingName: the service's name, as a signature would have it.
    package func respond(to request: APIRequest, for signingName: String, as caller: Caller) async -> APIResponse {
        await self.respond(to: request) { table, _ in
            guard let service = table.service(signedAs: signingName) else { throw AWSError.unknownService(signingName) }
            return (caller, [service])
        }
    }

    private func respond(
        to request: APIRequest, authenticate: (OperationTable, inout APIRequest) async throws -> (Caller, [AWSService])
    ) async -> APIResponse {
        var exchange = Exchange(requestID: Self.uuid(), traceID: Self.uuid(), started: .now)
        var response: APIResponse
        do {
            response = try await self.answer(request, &exchange, authenticate)
        } catch let error as AWSError {
            response = exchange.response(to: error)
            // What a user of an SDK asks about first: a signature that does not match, an operation that is not there.
            let level: Logger.Level = error.status == 403 || error.name == AWSError.unknownOperation.name ? .info : .debug
            exchange.logger(self.logger).log(
                level: level, "Request refused",
                metadata: [
                    "status": "\(error.status)", "error": "\(error.name)", "message": "\(error.message)", "method": "\(request.method)",
                    "path": "\(request.path.prefix(Self.maxLoggedPath))", "from": "\(request.remoteAddress ?? "")",
                ])
        } catch {
            // What went wrong inside is for the operator, not for the caller.
            exchange.logger(self.logger).error("Request failed", metadata: ["error": "\(error)"])
            response = exchange.response(
                to: .internalFailure("An internal failure occurred; the server's log has it under this request id."))
        }
        if request.method == "HEAD" { response.leaveOutBody() }
        return self.finished(response, exchange)
    }

    /// The answer to a request that a listener refuses before it has read it all.
    ///
    /// - Parameter request: as far as its headers, when they are known.
    package func response(refusing error: AWSError, of request: APIRequest? = nil) -> APIResponse {
        var exchange = Exchange(requestID: Self.uuid(), traceID: Self.uuid(), started: .now)
        if let request, let name = SignatureClaim.service(of: request) {
            exchange.recognise(self.operations.withLock { $0.service(signedAs: name) }, request)
        }
        return self.finished(exchange.response(to: error), exchange)
    }

    /// Adds what every response carries.
    private func finished(_ response: APIResponse, _ exchange: Exchange) -> APIResponse {
        var response = response
        response.headers[.amznRequestID] = exchange.requestID
        response.headers[.date] = self.now().httpDate
        // The answer to a HEAD tells the length of what a GET would get.
        response.headers[.contentLength] = response.headers[.contentLength] ?? String(response.body.readableBytes)
        self.metrics.answered(exchange, status: response.status)
        return response
    }

    // MARK: The steps

    private func answer(
        _ request: APIRequest, _ exchange: inout Exchange,
        _ authenticate: (OperationTable, inout APIRequest) async throws -> (Caller, [AWSService])
    ) async throws -> APIResponse {
        if request.method == "GET", request.path == Self.healthPath, request.headers[.authorization] == nil {
            return exchange.response(to: OperationOutput(body: .json(["status": "ok"])), successStatus: 200)
        }
        exchange.readsXMLOnly = request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        exchange.readsCBOROnly = request.isCBOR
        let table = self.operations.withLock { $0 }
        // A refused signature is answered in the protocol of the service that it names.
        exchange.recognise(SignatureClaim.service(of: request).flatMap(table.service(signedAs:)), request)
        var request = request
        let (caller, candidates) = try await authenticate(table, &request)
        exchange.recognise(candidates.first, request)
        if candidates.first?.takesGzip ?? false, request.headers[.contentEncoding] == "gzip" {
            request.body = try GzipBody.unpacked(request.body, limit: self.maxBodyBytes)
        }
        let match = try table.find(request, in: candidates)
        exchange.recognise(match.value.route.service, request)
        exchange.operation = match.value.route.name
        if case .certificate = caller, !match.value.route.acceptsCertificate {
            throw AWSError.forbidden("The operation \(match.value.route.name) needs a signed request; a device certificate does not do.")
        }
        if case .anonymous = caller, !match.value.route.acceptsUnsigned { throw AWSError.missingAuthenticationToken }
        let input = OperationInput(request, labels: match.labels, wire: match.value.route.service.wire(of: request))
        let output = try await self.run(match.value, input, self.context(request, exchange, caller, match.value.route))
        return exchange.response(to: output, successStatus: match.value.route.status)
    }

    private func run(
        _ operation: RegisteredOperation, _ input: OperationInput, _ context: OperationContext
    ) async throws -> OperationOutput {
        let hooks = self.hooks.withLock { $0 }
        do {
            try await hooks.authorization?(context.caller, operation.route, input, context.remoteAddress)
            let output = try await operation.run(input, context)
            hooks.observer?(context.caller, operation.route, input, context.remoteAddress, nil)
            return output
        } catch {
            hooks.observer?(context.caller, operation.route, input, context.remoteAddress, error)
            throw error
        }
    }

    /// Who calls, and the services that the call can mean. A body in signed chunks becomes what it holds.
    private func authenticate(_ request: inout APIRequest, _ table: OperationTable) async throws -> (Caller, [AWSService]) {
        if request.body.readableBytes > self.maxBodyBytes {
            let maxBytes = self.maxBodyBytes(of: request)
            guard request.body.readableBytes <= maxBytes else { throw AWSError.bodyTooLarge(limit: maxBytes) }
        }
        if let certificate = request.clientCertificateID {
            // A device certificate names no service; the data planes are what devices call.
            return (.certificate(id: certificate), table.deviceServices)
        }
        if !SignatureClaim.isAttempted(in: request), let service = table.unsignedService(of: request) {
            return (.anonymous, [service])
        }
        let signature = try await self.verifier.open(&request) { name in
            table.service(signedAs: name)?.allowsUnsignedPayload ?? false
        }
        guard let service = table.service(signedAs: signature.scope.service) else {
            throw AWSError.unknownService(signature.scope.service)
        }
        return (.accessKey(id: signature.accessKeyID), [service])
    }

    private func context(_ request: APIRequest, _ exchange: Exchange, _ caller: Caller, _ route: OperationRoute) -> OperationContext {
        OperationContext(
            requestID: exchange.requestID,
            traceID: exchange.traceID,
            account: self.account,
            caller: caller,
            remoteAddress: request.remoteAddress,
            isSecure: request.isSecure,
            logger: exchange.logger(self.logger),
            pages: PageTokens(key: self.pageKey, operation: "\(route.service.name):\(route.name)"), host: request.host,
            services: InnerServices { await self.respond(to: $0, for: $1, as: $2) })
    }

    private static func uuid() -> String {
        UUID().uuidString.lowercased()
    }
}
