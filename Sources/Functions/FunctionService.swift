package import AWSAPI
import Foundation
package import Logging
package import NIOCore
package import Storage

/// Functions that run as processes of this machine: what Lambda is at AWS.
package final class FunctionService: Sendable {
    /// This room's tables; the store is opened with them.
    package static let migrations = FunctionsSchema.migrations

    /// Below it lie the operations that upload code.
    package static let uploadPath = "/2015-03-31/functions"
    /// A zip of the largest size in base64, and the rest of a request.
    package static let maxUploadBytes = (50 << 20) / 3 * 4 + (1 << 20)

    /// The longest time-out of a function, its start, and some waiting for an instance.
    package static let responseTime = TimeAmount.seconds(1_000)

    let store: any Store
    let account: AccountContext
    let limits: FunctionLimits
    let code: CodeStore
    let pool: FunctionPool
    let invoker: FunctionInvoker
    let events: EventQueue
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    private let register: InstanceRegister

    /// What surrounds functions; `roost` hands it in.
    package struct Surroundings: Sendable {
        package var log: any FunctionLogSink
        /// AWS_ENDPOINT_URL and the like, with which a function calls this server.
        package var environment: @Sendable () -> [String: String]
        package var group: any EventLoopGroup

        package init(
            log: any FunctionLogSink, group: any EventLoopGroup, environment: @escaping @Sendable () -> [String: String] = { [:] }
        ) {
            self.log = log
            self.group = group
            self.environment = environment
        }
    }

    /// - Parameter folder: the data folder, below which code lies.
    package init(
        store: any Store, account: AccountContext, folder: String, surroundings: Surroundings,
        limits: FunctionLimits = FunctionLimits(), settings: FunctionSettings = FunctionSettings(), logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.account = account
        self.limits = limits
        self.logger = logger
        self.clock = clock
        self.code = CodeStore(folder: "\(folder)/functions/code", limits: limits)
        self.register = InstanceRegister(folder: "\(folder)/functions/instances")
        let launcher = InstanceLauncher(
            code: self.code, register: self.register, group: surroundings.group, limits: limits, settings: settings,
            region: account.region, serverEnvironment: surroundings.environment, logger: logger)
        self.pool = FunctionPool(
            launcher: launcher, code: self.code, log: surroundings.log, account: account, limits: limits, logger: logger)
        self.invoker = FunctionInvoker(store: store, account: account, pool: self.pool)
        self.events = EventQueue(store: store, invoker: self.invoker, limits: limits, logger: logger, clock: clock)
    }

    /// Cleans up after an earlier server, and goes on with events that were accepted.
    package func start() async throws {
        self.register.endLeftOvers()
        let codes = try await self.store.read { try FunctionTable(connection: $0).codes() }
        await self.code.keepOnly(codes)
        try await self.events.start()
    }

    /// Ends instances that nobody needs any more. Now and then, until the task is cancelled.
    package func keepTidy() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(10))
            await self.pool.endIdle()
        }
    }

    package func shutdown() async {
        await self.events.shutdown()
        await self.pool.shutdown()
        await self.code.shutdown()
    }

    /// Invokes a function and waits for its answer: for parts of this server that have functions of their users to ask.
    ///
    /// - Throws: the exceptions of Lambda's Invoke.
    package func invoke(_ function: String, payload: [UInt8]) async throws -> FunctionResult {
        let name = try FunctionName(function, account: self.account).name
        return try await self.invoker.invoke(name, payload: payload, requestID: UUID().uuidString.lowercased())
    }

    // MARK: For the operations

    /// - Throws: ResourceNotFoundException.
    func find(_ name: FunctionName) async throws -> FunctionRecord { try await self.invoker.find(name.name) }

    /// Changes a function on disk, and tells the pool.
    ///
    /// - Parameter isNewRevision: whether its instances have to be made again.
    func change(
        _ name: FunctionName, isNewRevision: Bool = true, _ change: @escaping @Sendable (inout FunctionRecord) throws -> Void
    ) async throws -> FunctionRecord {
        let arn = self.account.functionARN(name.name)
        let now = self.clock()
        let (before, record) = try await self.store.write { connection in
            let table = FunctionTable(connection: connection)
            guard let before = try table.find(name.name) else { throw AWSError.functionNotFound(arn) }
            var record = before
            try change(&record)
            if isNewRevision {
                record.revisionID = UUID().uuidString.lowercased()
                // It grows with each change, whatever the clock does: it tells a newer record from an older one.
                record.lastModified = max(now, before.lastModified + 1)
            }
            try table.put(record)
            return (before, record)
        }
        if isNewRevision {
            await self.pool.changed(
                name.name, generation: record.lastModified, oldCode: before.codeID == record.codeID ? nil : before.codeID)
        }
        return record
    }

    /// This room's operations, for the endpoint.
    package var operations: [any AWSOperation] {
        [
            CreateFunction(functions: self), GetFunction(functions: self), GetFunctionConfiguration(functions: self),
            UpdateFunctionCode(functions: self), UpdateFunctionConfiguration(functions: self), ListFunctions(functions: self),
            DeleteFunction(functions: self), Invoke(functions: self), AddPermission(functions: self), RemovePermission(functions: self),
            GetPolicy(functions: self), PutFunctionConcurrency(functions: self), GetFunctionConcurrency(functions: self),
            DeleteFunctionConcurrency(functions: self), ListVersionsByFunction(functions: self),
            GetFunctionCodeSigningConfig(functions: self), ListFunctionTags(functions: self), TagFunction(functions: self),
            UntagFunction(functions: self),
        ]
    }
}
