import AWSAPI
import Foundation
import Logging

/// The instances of all functions: warm ones are used again, their number is bounded, and invocations wait for one (``PoolState``).
actor FunctionPool {
    private typealias Decision = PoolState<FunctionInstance, Waiter>.Decision
    private typealias Actions = PoolState<FunctionInstance, Waiter>.Actions
    typealias Waiter = CheckedContinuation<Grant, Never>

    /// What an invocation gets.
    enum Grant: Sendable {
        case use(FunctionInstance)
        case launch
        case outdated
        case refused
    }

    /// The function was changed since its record was read.
    struct Outdated: Error {}

    private let launcher: InstanceLauncher
    private let code: CodeStore
    private let limits: FunctionLimits
    private let log: any FunctionLogSink
    private let account: AccountContext
    private let logger: Logger
    private var state: PoolState<FunctionInstance, Waiter>
    /// Every process that there is, by its id.
    private var instances: [String: FunctionInstance] = [:]
    /// How many are being made of a code.
    private var launching: [String: Int] = [:]
    /// Codes that no function names any more, which go when no instance runs them.
    private var oldCode: Set<String> = []
    private var isEnded = false

    init(
        launcher: InstanceLauncher, code: CodeStore, log: any FunctionLogSink, account: AccountContext, limits: FunctionLimits,
        logger: Logger
    ) {
        self.launcher = launcher
        self.code = code
        self.log = log
        self.account = account
        self.limits = limits
        self.logger = logger
        self.state = PoolState(maxInstances: limits.maxInstances, maxWaiting: limits.maxWaiting)
    }

    /// Invokes a function and returns what came of it, a failure of the function included.
    ///
    /// - Throws: ``Outdated``; TooManyRequestsException; ServiceException when the instance cannot be made.
    func invoke(
        _ record: FunctionRecord, payload: [UInt8], requestID: String, clientContext: String? = nil
    ) async throws -> FunctionResult {
        let invocation = Invocation(
            requestID: requestID, payload: payload, functionARN: record.arn(self.account), clientContext: clientContext,
            timeout: .seconds(record.timeoutSeconds))
        while true {
            let (instance, isNew) = try await self.acquire(record)
            let asked = ContinuousClock.now
            let outcome = await instance.invoke(invocation)
            let handedOver = await instance.handedOverAt
            guard handedOver != nil || isNew else {
                // A warm one that had ended, or did not come back from its last invocation: this invocation has not begun.
                await self.retire(instance)
                continue
            }
            let times = Times(asked: asked, handedOver: handedOver ?? asked, done: .now, isNew: isNew)
            return await self.finish(instance, record, requestID, outcome, times)
        }
    }

    private struct Times {
        let asked: ContinuousClock.Instant
        let handedOver: ContinuousClock.Instant
        let done: ContinuousClock.Instant
        let isNew: Bool
    }

    /// Gives the instance back, and writes what there is to say of the invocation.
    private func finish(
        _ instance: FunctionInstance, _ record: FunctionRecord, _ requestID: String, _ outcome: InvocationOutcome, _ times: Times
    ) async -> FunctionResult {
        let isUsable = await instance.isUsable && outcome.leavesInstanceUsable
        let (bytes, isError) = outcome.payload(requestID: requestID)
        // Only when it is gone has it written everything, and nothing of it can disturb the next one.
        if !isUsable { await self.retire(instance) }
        var lines = [FunctionLog.start(requestID)] + instance.output.takeLines()
        if isError, !isUsable { lines.append(String(decoding: bytes, as: UTF8.self)) }
        lines += FunctionLog.end(
            requestID, duration: times.handedOver.duration(to: times.done), memoryMegabytes: record.memoryMegabytes,
            usedBytes: await instance.maxMemoryBytes, initTime: times.isNew ? times.asked.duration(to: times.handedOver) : nil)
        if isUsable { self.perform(self.state.released(instance, id: instance.id, of: record.name, now: .now)) }
        await self.log.write(group: record.logGroup, stream: FunctionLog.stream(of: instance.id), lines: lines)
        return FunctionResult(
            payload: bytes, isError: isError, logTail: Array(lines.map { $0 + "\n" }.joined().utf8.suffix(FunctionLimits.tailBytes)))
    }

    // MARK: Instances

    private func acquire(_ record: FunctionRecord) async throws -> (FunctionInstance, isNew: Bool) {
        let grant = await withCheckedContinuation { waiter in
            self.perform(
                self.state.request(
                    waiter, of: record.name, generation: record.lastModified,
                    most: record.reservedConcurrency ?? self.limits.maxInstancesPerFunction, mayWait: record.reservedConcurrency == nil))
        }
        switch grant {
        case .use(let instance): return (instance, false)
        case .launch: return (try await self.launch(record), true)
        case .outdated: throw Outdated()
        case .refused: throw AWSError.rateExceeded()
        }
    }

    private func launch(_ record: FunctionRecord) async throws -> FunctionInstance {
        self.launching[record.codeID, default: 0] += 1
        defer {
            self.launching[record.codeID, default: 1] -= 1
            if self.launching[record.codeID] == 0 { self.launching[record.codeID] = nil }
            self.removeOldCode()
        }
        do {
            let instance = try await self.launcher.launch(record) { await self.ended($0) }
            self.instances[instance.id] = instance
            self.state.launched(id: instance.id, of: record.name, generation: record.lastModified)
            if self.isEnded { await instance.stop() }
            return instance
        } catch {
            self.perform(self.state.launchFailed(of: record.name))
            throw AWSError.cannotStart(record.name, error)
        }
    }

    /// Ends an instance, and returns when its process is gone.
    private func retire(_ instance: FunctionInstance) async {
        await instance.stop()
        await instance.waitForEnd()
        self.ended(instance)
    }

    /// A process is gone.
    private func ended(_ instance: FunctionInstance) {
        guard self.instances.removeValue(forKey: instance.id) != nil else { return }
        self.perform(self.state.ended(id: instance.id, of: instance.function))
        self.removeOldCode()
    }

    private func perform(_ actions: Actions) {
        for instance in actions.ending { Task { await instance.stop() } }
        for (waiter, decision) in actions.decisions {
            switch decision {
            case .use(let instance): waiter.resume(returning: .use(instance))
            case .launch: waiter.resume(returning: .launch)
            case .outdated: waiter.resume(returning: .outdated)
            case .refused: waiter.resume(returning: .refused)
            }
        }
    }

    // MARK: Changes

    /// The function has another code or configuration, or is gone: idle instances end now, those at work when they are done.
    ///
    /// - Parameter oldCode: a code that it does not name any more.
    func changed(_ function: String, generation: Int64, oldCode: String?) {
        self.perform(self.state.changed(function, generation: generation))
        if let oldCode { self.oldCode.insert(oldCode) }
        self.removeOldCode()
    }

    private func removeOldCode() {
        guard !self.oldCode.isEmpty else { return }
        let used = Set(self.instances.values.map(\.codeID)).union(self.launching.keys)
        for id in self.oldCode.subtracting(used) {
            self.oldCode.remove(id)
            Task { await self.code.remove(id) }
        }
    }

    /// Ends instances that were idle for long.
    func endIdle() {
        for instance in self.state.endIdle(since: .now - self.limits.idleTime) { Task { await instance.stop() } }
    }

    /// Ends all instances, those at work too, and refuses invocations that wait. Returns when the processes are gone.
    func shutdown() async {
        self.isEnded = true
        self.perform(self.state.close())
        for instance in self.instances.values { await instance.stop() }
        for instance in self.instances.values { await instance.waitForEnd() }
    }
}
