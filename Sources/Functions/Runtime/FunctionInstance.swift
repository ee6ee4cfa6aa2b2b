import Foundation
import Logging

/// One process that serves one function, one invocation at a time, through the Runtime API.
///
/// Who holds it calls ``invoke(_:)`` for one invocation after the other; when ``isUsable`` is false it is over.
actor FunctionInstance {
    /// A piece of work that the runtime has or is about to get.
    private struct Work {
        let invocation: Invocation
        let done: CheckedContinuation<InvocationOutcome, Never>
        var isHandedOver = false
    }

    nonisolated let id = UUID().uuidString.lowercased().filter { $0 != "-" }
    nonisolated let function: String
    nonisolated let codeID: String
    /// What it writes.
    nonisolated let output: OutputPipe
    private let memoryMegabytes: Int
    private let limits: FunctionLimits
    private var work: Work?
    private var asking: CheckedContinuation<Invocation?, Never>?
    /// Runs from the moment at which the runtime has an invocation until it asks for the next one.
    private var timer: Task<Void, any Error>?
    private var initError: [UInt8]?
    private var pid: Int32?
    /// No more invocations.
    private var isEnded = false
    /// How it ended, once the process is gone.
    private var end: InvocationOutcome?
    private var mourners: [CheckedContinuation<Void, Never>] = []
    private(set) var maxMemoryBytes = 0
    /// When the runtime got the last invocation; nil when it did not.
    private(set) var handedOverAt: ContinuousClock.Instant?

    init(of record: FunctionRecord, output: OutputPipe, limits: FunctionLimits) {
        self.function = record.name
        self.codeID = record.codeID
        self.memoryMegabytes = record.memoryMegabytes
        self.output = output
        self.limits = limits
    }

    var isUsable: Bool { !self.isEnded }

    // MARK: For who invokes

    func invoke(_ invocation: Invocation) async -> InvocationOutcome {
        self.handedOverAt = nil
        if let end { return end }
        guard !self.isEnded, self.work == nil else { return .exited("Runtime exited before it was asked for anything") }
        let patience = self.patience(for: invocation.requestID)
        defer { patience.cancel() }
        return await withCheckedContinuation { done in
            self.work = Work(invocation: invocation, done: done)
            guard let asking = self.asking else { return }
            self.asking = nil
            self.handOver(to: asking)
        }
    }

    /// Ends the process and all that it started.
    func stop() {
        self.isEnded = true
        self.stopAsking()
        if let pid = self.pid { kill(-pid, SIGKILL) }
    }

    /// Returns when the process is gone.
    func waitForEnd() async {
        guard self.end == nil else { return }
        await withCheckedContinuation { self.mourners.append($0) }
    }

    // MARK: For the process

    func started(_ pid: Int32) {
        self.pid = pid
        if self.isEnded { kill(-pid, SIGKILL) }
    }

    /// The process is gone, or there was none.
    func exited(_ outcome: InvocationOutcome) {
        self.pid = nil
        self.isEnded = true
        self.stopAsking()
        self.timer?.cancel()
        let outcome = self.initError.map { .initFailed($0) } ?? outcome
        self.end = outcome
        self.finish(outcome)
        for mourner in self.mourners { mourner.resume() }
        self.mourners = []
    }

    /// Looks at its memory while it works.
    func watch() {
        guard let pid = self.pid, self.work != nil || self.timer != nil else { return }
        let bytes = ProcessTable.residentBytes(ofTree: pid)
        self.maxMemoryBytes = max(self.maxMemoryBytes, bytes)
        guard bytes > self.memoryMegabytes << 20 else { return }
        self.finish(.outOfMemory(megabytes: self.memoryMegabytes))
        self.stop()
    }

    // MARK: For the Runtime API

    /// The next invocation; nil when there will be none, or when it was asked again since.
    func next() async -> Invocation? {
        if self.isEnded { return nil }
        // It is done with the last one, unless it forgot to answer.
        if self.work?.isHandedOver != true {
            self.timer?.cancel()
            self.timer = nil
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { asking in
                self.stopAsking()
                if Task.isCancelled { return asking.resume(returning: nil) }
                if self.work?.isHandedOver == false {
                    self.handOver(to: asking)
                } else {
                    self.asking = asking
                }
            }
        } onCancel: {
            Task { await self.stopAsking() }
        }
    }

    private func stopAsking() {
        self.asking?.resume(returning: nil)
        self.asking = nil
    }

    /// Who asked was gone when the invocation came: the next one who asks gets it.
    func lost(_ requestID: String) {
        guard let work = self.work, work.isHandedOver, work.invocation.requestID == requestID else { return }
        self.work?.isHandedOver = false
        self.handedOverAt = nil
        self.timer?.cancel()
        self.timer = self.patience(for: requestID)
        guard let asking = self.asking else { return }
        self.asking = nil
        self.handOver(to: asking)
    }

    /// - Returns: false when this is not the invocation that it has.
    func answered(_ requestID: String, _ outcome: InvocationOutcome) -> Bool {
        guard let work = self.work, work.isHandedOver, work.invocation.requestID == requestID else { return false }
        self.finish(outcome)
        return true
    }

    func failedToStart(_ document: [UInt8]) { self.initError = document }

    // MARK: Inside

    private func handOver(to asking: CheckedContinuation<Invocation?, Never>) {
        guard let invocation = self.work?.invocation else { return asking.resume(returning: nil) }
        self.handedOverAt = .now
        self.work?.isHandedOver = true
        self.timer?.cancel()
        self.timer = Task {
            try await Task.sleep(for: invocation.timeout)
            self.expire(invocation.requestID, handedOver: true, .timedOut(invocation.timeout))
            // It answered and never came back.
            if !Task.isCancelled { self.stop() }
        }
        asking.resume(returning: invocation)
    }

    /// Ends an instance that does not ask for the invocation in time.
    private func patience(for requestID: String) -> Task<Void, any Error> {
        Task {
            try await Task.sleep(for: self.limits.initTime)
            self.expire(requestID, handedOver: false, .initTimedOut(self.limits.initTime))
        }
    }

    private func expire(_ requestID: String, handedOver: Bool, _ outcome: InvocationOutcome) {
        guard !Task.isCancelled, let work = self.work else { return }
        guard work.invocation.requestID == requestID, work.isHandedOver == handedOver else { return }
        self.finish(outcome)
        self.stop()
    }

    private func finish(_ outcome: InvocationOutcome) {
        guard let work = self.work else { return }
        self.work = nil
        work.done.resume(returning: outcome)
    }
}
