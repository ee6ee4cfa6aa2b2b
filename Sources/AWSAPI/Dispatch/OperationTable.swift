internal import HTTPTypes

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
    /// JSON-1.1 operations by their `x-amz-target`.
    private var targets: [String: RegisteredOperation] = [:]

    init() {
        for service in KnownOperations.services { self.learn(service) }
    }

    mutating func add(_ operation: RegisteredOperation) {
        let route = operation.route
        self.learn(route.service)
        switch route.service.wire {
        case .restJSON: self.trees[route.service, default: RouteTree()].insert(operation, method: route.method, path: route.path)
        case .json11(let prefix): self.targets["\(prefix).\(route.name)"] = operation
        }
    }

    private mutating func learn(_ service: AWSService) {
        for name in service.signingNames { self.services[name] = service }
    }

    func service(signedAs name: String) -> AWSService? {
        self.services[name]
    }

    /// The operation that a request means, in the first of `services` that has it.
    ///
    /// - Throws: UnknownOperationException, MethodNotAllowedException, or InvalidRequestException for a path that is not text.
    func find(_ request: APIRequest, in services: [AWSService]) throws(AWSError) -> RouteTree<RegisteredOperation>.Match {
        var isOtherMethod = false
        for service in services {
            if case .json11(let prefix) = service.wire { return try self.findTarget(request, prefix, service) }
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

    private func findTarget(
        _ request: APIRequest, _ prefix: String, _ service: AWSService
    ) throws(AWSError) -> RouteTree<RegisteredOperation>.Match {
        let target = request.headers[.amzTarget] ?? ""
        if request.method == "POST", let operation = self.targets[target] {
            return .init(value: operation, labels: [:])
        }
        guard target.hasPrefix(prefix + ".") else { throw .unknownOperation }
        throw .notOffered(operation: String(target.dropFirst(prefix.count + 1).prefix(128)), service: service.name)
    }
}
