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
        /// Runs from the moment at which the runtime has it.
        var timer: Task<Void, any Error>?
        var isHandedOver: Bool { self.timer != nil }
    }

    nonisolated let id = UUID().uuidString.lowercased().filter { $0 != "-" }
    /// What it was made of (``FunctionRecord/instanceKey``).
    nonisolated let key: String
    private let memoryMegabytes: Int
    private let limits: FunctionLimits
    private var work: Work?
    private var asking: CheckedContinuation<Invocation?, Never>?
    private var initError: [UInt8]?
    private var output: InvocationOutput
    private var pid: Int32?
    private var isEnded = false
    private(set) var maxMemoryBytes = 0
    private(set) var handedOverAt: ContinuousClock.Instant?

    init(key: String, memoryMegabytes: Int, limits: FunctionLimits) {
        self.key = key
        self.memoryMegabytes = memoryMegabytes
        self.limits = limits
        self.output = InvocationOutput(maxBytes: limits.maxLogBytes)
    }

    var isUsable: Bool { !self.isEnded }

    // MARK: For who invokes

    func invoke(_ invocation: Invocation) async -> InvocationOutcome {
        if self.isEnded { return .exited("Runtime exited before it was asked for anything") }
        guard self.work == nil else { return .exited("The instance is busy") }
        self.handedOverAt = nil
        let patience = Task {
            try await Task.sleep(for: self.limits.initTime)
            self.expire(invocation.requestID, handedOver: false, .initTimedOut(self.limits.initTime))
        }
        defer { patience.cancel() }
        return await withCheckedContinuation { done in
            self.work = Work(invocation: invocation, done: done)
            guard let asking = self.asking else { return }
            self.asking = nil
            self.handOver(to: asking)
        }
    }

    /// What it wrote since this was last asked.
    func takeLines() -> [String] { self.output.takeLines() }

    /// Ends the process and all that it started.
    func end() {
        self.isEnded = true
        self.asking?.resume(returning: nil)
        self.asking = nil
        if let pid = self.pid { kill(-pid, SIGKILL) }
    }

    // MARK: For the process

    func started(_ pid: Int32) {
        self.pid = pid
        if self.isEnded { kill(-pid, SIGKILL) }
    }

    func wrote(_ bytes: [UInt8]) { self.output.append(bytes) }

    /// - Parameter how: "exit status 1".
    func exited(_ how: String) {
        self.pid = nil
        self.isEnded = true
        self.asking?.resume(returning: nil)
        self.asking = nil
        if let initError = self.initError { self.finish(.initFailed(initError)) }
        self.finish(.exited(Self.explain(how, self.output.bytes)))
    }

    /// Looks at what only the system knows: memory, and a process that ended while others of its group go on.
    func watch() {
        guard let pid = self.pid else { return }
        if ProcessTable.isZombie(pid) {
            kill(-pid, SIGKILL)
            return
        }
        let bytes = ProcessTable.residentBytes(ofTree: pid)
        self.maxMemoryBytes = max(self.maxMemoryBytes, bytes)
        guard bytes > self.memoryMegabytes << 20 else { return }
        self.finish(.outOfMemory(megabytes: self.memoryMegabytes))
        self.end()
    }

    // MARK: For the Runtime API

    /// The next invocation; nil when there will be none, or the one who asks is gone.
    func next() async -> Invocation? {
        if self.isEnded { return nil }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { asking in
                // Who asks twice has lost the first answer.
                self.asking?.resume(returning: nil)
                self.asking = nil
                if Task.isCancelled { return asking.resume(returning: nil) }
                if self.work != nil, self.work?.isHandedOver == false {
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
        self.work?.timer = Task {
            try await Task.sleep(for: invocation.timeout)
            self.expire(invocation.requestID, handedOver: true, .timedOut(invocation.timeout))
        }
        asking.resume(returning: invocation)
    }

    private func expire(_ requestID: String, handedOver: Bool, _ outcome: InvocationOutcome) {
        guard let work = self.work, work.invocation.requestID == requestID, work.isHandedOver == handedOver else { return }
        self.finish(outcome)
        self.end()
    }

    private func finish(_ outcome: InvocationOutcome) {
        guard let work = self.work else { return }
        self.work = nil
        work.timer?.cancel()
        work.done.resume(returning: outcome)
    }

    private static func explain(_ how: String, _ output: [UInt8]) -> String {
        guard String(decoding: output, as: UTF8.self).contains("No module named awslambdaric") else {
            return "Runtime exited with error: \(how)"
        }
        return "The Python interpreter of functions has no awslambdaric: install it there with pip install awslambdaric, or name another "
            + "interpreter in the setting functions.python"
    }
}
