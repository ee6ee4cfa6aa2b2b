import AWSAPI
import Foundation
import Logging

/// The instances of all functions: warm ones are used again, their number is bounded, and invocations wait for one.
actor FunctionPool {
    /// One function's instances.
    private struct Lane {
        var idle: [(instance: FunctionInstance, since: ContinuousClock.Instant)] = []
        /// Idle ones and those at work.
        var count = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// Instances made of anything else are not used again.
        var key = ""
    }

    private let launcher: InstanceLauncher
    private let limits: FunctionLimits
    private let log: any FunctionLogSink
    private let account: AccountContext
    private let logger: Logger
    private var lanes: [String: Lane] = [:]
    private var total = 0
    private var isEnded = false

    init(launcher: InstanceLauncher, log: any FunctionLogSink, account: AccountContext, limits: FunctionLimits, logger: Logger) {
        self.launcher = launcher
        self.log = log
        self.account = account
        self.limits = limits
        self.logger = logger
    }

    /// Invokes a function and returns what came of it, a failure of the function included.
    ///
    /// - Throws: TooManyRequestsException; ServiceException when the instance cannot be made.
    func invoke(
        _ record: FunctionRecord, payload: [UInt8], requestID: String, clientContext: String? = nil
    ) async throws(AWSError) -> FunctionResult {
        let (instance, isNew) = try await self.acquire(record)
        let asked = ContinuousClock.now
        let invocation = Invocation(
            requestID: requestID, payload: payload, functionARN: record.arn(self.account), clientContext: clientContext,
            timeout: .seconds(record.timeoutSeconds))
        let outcome = await instance.invoke(invocation)
        let handedOver = await instance.handedOverAt ?? asked
        let duration = handedOver.duration(to: .now)
        let isUsable = await instance.isUsable && outcome.leavesInstanceUsable
        let (bytes, isError) = outcome.payload(requestID: requestID)
        var lines = [FunctionLog.start(requestID)] + (await self.lines(of: instance))
        if isError, !isUsable { lines.append(String(decoding: bytes, as: UTF8.self)) }
        lines += FunctionLog.end(
            requestID, duration: duration, memoryMegabytes: record.memoryMegabytes, usedBytes: await instance.maxMemoryBytes,
            initTime: isNew ? asked.duration(to: handedOver) : nil)
        self.release(instance, of: record.name, isUsable: isUsable)
        await self.log.write(group: record.logGroup, stream: FunctionLog.stream(of: instance.id), lines: lines)
        return FunctionResult(
            payload: bytes, isError: isError, logTail: Array(lines.map { $0 + "\n" }.joined().utf8.suffix(FunctionLimits.tailBytes)))
    }

    /// The output comes through another pipe than the answer: what was written just before the answer may be on its way.
    private func lines(of instance: FunctionInstance) async -> [String] {
        try? await Task.sleep(for: .milliseconds(5))
        return await instance.takeLines()
    }

    // MARK: Instances

    private func acquire(_ record: FunctionRecord) async throws(AWSError) -> (FunctionInstance, isNew: Bool) {
        self.useOnly(record.instanceKey, of: record.name)
        while true {
            guard !self.isEnded else { throw .rateExceeded() }
            if let warm = self.lanes[record.name, default: Lane()].idle.popLast() {
                if await warm.instance.isUsable { return (warm.instance, false) }
                self.forget(record.name)
                continue
            }
            let most = record.reservedConcurrency ?? self.limits.maxInstancesPerFunction
            if self.lanes[record.name, default: Lane()].count < most, self.makeRoom() {
                return (try await self.launch(record), true)
            }
            guard record.reservedConcurrency == nil, self.lanes[record.name, default: Lane()].waiting.count < self.limits.maxWaiting else {
                throw .rateExceeded()
            }
            await withCheckedContinuation { self.lanes[record.name, default: Lane()].waiting.append($0) }
        }
    }

    private func launch(_ record: FunctionRecord) async throws(AWSError) -> FunctionInstance {
        self.lanes[record.name, default: Lane()].count += 1
        self.total += 1
        do {
            return try await self.launcher.launch(record)
        } catch {
            self.forget(record.name)
            self.logger.error("a function cannot be started", metadata: ["function": "\(record.name)", "error": "\(error)"])
            throw AWSError(name: "ServiceException", status: 500, message: "The function \(record.name) cannot be started: \(error)")
        }
    }

    /// Ends the longest idle instance of any function when there is no room for another.
    private func makeRoom() -> Bool {
        if self.total < self.limits.maxInstances { return true }
        let oldest = self.lanes.compactMap { name, lane in lane.idle.first.map { (name: name, since: $0.since) } }.min {
            $0.since < $1.since
        }
        guard let oldest, let gone = self.lanes[oldest.name]?.idle.removeFirst() else { return false }
        self.end(gone.instance, of: oldest.name)
        return true
    }

    private func release(_ instance: FunctionInstance, of name: String, isUsable: Bool) {
        guard isUsable, !self.isEnded, self.lanes[name]?.key == instance.key else { return self.end(instance, of: name) }
        self.lanes[name, default: Lane()].idle.append((instance, .now))
        self.wakeOne(of: name)
    }

    private func end(_ instance: FunctionInstance, of name: String) {
        Task { await instance.end() }
        self.forget(name)
    }

    /// One instance less.
    private func forget(_ name: String) {
        self.lanes[name]?.count -= 1
        self.total -= 1
        if self.lanes[name]?.waiting.isEmpty ?? true {
            // There may be room now for one of another function.
            for other in self.lanes.keys where !(self.lanes[other]?.waiting.isEmpty ?? true) { return self.wakeOne(of: other) }
        }
        self.wakeOne(of: name)
    }

    private func wakeOne(of name: String) {
        guard var lane = self.lanes[name], !lane.waiting.isEmpty else { return }
        let first = lane.waiting.removeFirst()
        self.lanes[name] = lane
        first.resume()
    }

    // MARK: Changes

    /// Another code or configuration: idle instances of the old one end, those at work when they are done.
    private func useOnly(_ key: String, of name: String) {
        guard self.lanes[name, default: Lane()].key != key else { return }
        self.lanes[name, default: Lane()].key = key
        let old = self.lanes[name]?.idle ?? []
        self.lanes[name]?.idle = []
        for (instance, _) in old { self.end(instance, of: name) }
    }

    /// The function is gone or another.
    func drop(_ name: String) { self.useOnly("", of: name) }

    /// Ends instances that were idle for long.
    func endIdle() {
        let limit = ContinuousClock.now - self.limits.idleTime
        for name in self.lanes.keys {
            let old = self.lanes[name]?.idle.filter { $0.since < limit } ?? []
            self.lanes[name]?.idle.removeAll { $0.since < limit }
            for (instance, _) in old { self.end(instance, of: name) }
            if let lane = self.lanes[name], lane.count == 0, lane.waiting.isEmpty { self.lanes[name] = nil }
        }
    }

    /// Ends all instances; invocations that wait are refused.
    func shutdown() async {
        self.isEnded = true
        for name in self.lanes.keys {
            let lane = self.lanes[name]
            self.lanes[name]?.idle = []
            self.lanes[name]?.waiting = []
            for (instance, _) in lane?.idle ?? [] { await instance.end() }
            for waiting in lane?.waiting ?? [] { waiting.resume() }
        }
    }
}
