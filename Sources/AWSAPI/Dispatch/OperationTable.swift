internal import HTTPTypes
internal import JSON

/// An operation without its types.
struct RegisteredOperation: Sendable {
    let route: OperationRoute
    let run: @Sendable (OperationInput, OperationContext) async throws -> OperationOutput

    init<Operation: AWSOperation>(_ operation: Operation) {
        self.route = Operation.route
        self.run = { input, context in
            try await operation.handle(Operation.Input(input), context).encoded()
        }
    }
}

/// What is offered, by service.
struct OperationTable: Sendable {
    private var services: [String: AWSService] = [:]
    private var trees: [AWSService: RouteTree<RegisteredOperation>] = [:]
    /// Operations that requests name themselves, by service and name.
    private var named: [AWSService: [String: RegisteredOperation]] = [:]

    /// The services of operations that need no signature.
    private var unsigned = RouteTree<AWSService>()

    /// The services of operations that devices call with their certificate, which names none.
    private(set) var deviceServices: [AWSService] = [.iotData, .iotJobsData]

    init() {
        for service in KnownOperations.services { self.learn(service) }
    }

    mutating func add(_ operation: RegisteredOperation) {
        let route = operation.route
        self.learn(route.service)
        if route.acceptsCertificate, !self.deviceServices.contains(route.service) { self.deviceServices.append(route.service) }
        if route.acceptsUnsigned { self.unsigned.insert(route.service, method: route.method, path: route.path) }
        switch route.service.wire {
        case .restJSON: self.trees[route.service, default: RouteTree()].insert(operation, method: route.method, path: route.path)
        case .json, .query, .restXML, .rpcCBOR: self.named[route.service, default: [:]][route.name] = operation
        }
    }

    private mutating func learn(_ service: AWSService) {
        for name in service.signingNames { self.services[name] = service }
    }

    func service(signedAs name: String) -> AWSService? {
        self.services[name]
    }

    /// The service of the operation that a request means, if that is one that needs no signature.
    func unsignedService(of request: APIRequest) -> AWSService? {
        guard case .found(let match) = self.unsigned.find(method: request.method, path: request.path) else { return nil }
        return match.value
    }

    /// Everything that was added.
    var routes: [OperationRoute] {
        self.trees.values.flatMap { $0.values.map(\.route) } + self.named.values.flatMap { $0.values.map(\.route) }
    }

    /// The operation that a request means, in the first of `services` that has it.
    ///
    /// - Throws: UnknownOperationException, MethodNotAllowedException, or InvalidRequestException for a path that is not text.
    func find(_ request: APIRequest, in services: [AWSService]) throws(AWSError) -> RouteTree<RegisteredOperation>.Match {
        var isOtherMethod = false
        for service in services {
            switch service.wire(of: request) {
            case .json(let prefix, _): return try self.find(named: Self.target(of: request, prefix), request, service)
            case .query: return try self.find(named: QueryForm.action(of: request), request, service)
            case .restXML: return try self.findInS3(request, service)
            case .rpcCBOR(let name): return try self.find(named: Self.operation(of: request, name), request, service)
            case .restJSON: break
            }
            switch self.trees[service]?.find(method: request.method, path: request.path) ?? .none {
            case .found(let match): return match
            case .otherMethod: isOtherMethod = true
            case .none: continue
            case .notText: throw .invalidRequest("The path of the request is not percent-encoded UTF-8")
            }
        }
        for service in services {
            if let name = KnownOperations.shared.name(of: request.method, path: request.path, in: service) {
                throw .notOffered(operation: name, service: service.name)
            }
        }
        // The data planes' models have an exception for it, the control plane's has not.
        if isOtherMethod, services.contains(where: \.carriesTraceID) {
            throw .methodNotAllowed("The specified combination of HTTP verb and URI is not supported.")
        }
        throw .unknownOperation
    }

    private func find(
        named name: String?, _ request: APIRequest, _ service: AWSService
    ) throws(AWSError) -> RouteTree<RegisteredOperation>.Match {
        guard request.method == "POST", let name else { throw .unknownOperation }
        guard let operation = self.named[service]?[name] else {
            throw .notOffered(operation: String(name.prefix(Self.maxNamedCharacters)), service: service.name)
        }
        return .init(value: operation, labels: [:])
    }

    private func findInS3(_ request: APIRequest, _ service: AWSService) throws(AWSError) -> RouteTree<RegisteredOperation>.Match {
        guard let (name, labels) = try S3Routes.shared.find(request) else {
            throw AWSError(
                name: "MethodNotAllowed", status: 405, message: "The specified method is not allowed against this resource.",
                extra: ["Method": .string(String(request.method.prefix(Self.maxNamedCharacters)))])
        }
        guard let operation = self.named[service]?[name] else {
            // S3's own answer to what it does not do; SDKs do not try it again.
            throw AWSError(
                name: "NotImplemented", status: 501, message: AWSError.notOffered(operation: name, service: service.name).message)
        }
        return .init(value: operation, labels: labels)
    }

    /// Longest part of an unknown operation's name that an answer repeats.
    private static let maxNamedCharacters = 128

    private static func operation(of request: APIRequest, _ name: String) -> String? {
        let prefix = "/service/\(name)/operation/"
        return request.path.hasPrefix(prefix) ? String(request.path.dropFirst(prefix.count)) : nil
    }

    private static func target(of request: APIRequest, _ prefix: String) -> String? {
        guard let target = request.headers[.amzTarget], target.hasPrefix(prefix + ".") else { return nil }
        return String(target.dropFirst(prefix.count + 1))
    }
}
