import Synchronization

/// One message that one rule took, until all its actions are done.
final class RuleInvocation: Sendable {
    let rule: RunningRule
    let message: RuleMessage
    /// The journal's name for it; nil for a message that is not kept (QoS 0).
    let journalID: Int64?
    private let progress: Mutex<InvocationProgress>

    init(rule: RunningRule, message: RuleMessage, journalID: Int64?, done: UInt64 = 0) {
        self.rule = rule
        self.message = message
        self.journalID = journalID
        self.progress = Mutex(
            InvocationProgress(actions: rule.definition.actions.count, hasErrorAction: rule.definition.errorAction != nil, done: done))
    }

    /// One bit for each action that need not run again, as the journal has it.
    var delivered: UInt64 { self.progress.withLock { $0.delivered } }
    var isFinished: Bool { self.progress.withLock { $0.isFinished } }
    /// Whether nothing runs any more and some actions are left for later.
    var isPutOff: Bool { self.progress.withLock { $0.isPutOff } }
    /// The actions that have to run, by their place.
    var actionsLeft: [Int] { self.progress.withLock { $0.actionsLeft } }

    /// Nothing more is to be done.
    func end() { self.progress.withLock { $0.end() } }

    /// - Parameter action: its place; nil for the error action.
    func finish(_ action: Int?, _ failure: ActionFailure?) -> InvocationProgress.Step {
        self.progress.withLock { $0.finish(action, failure) }
    }

    /// Leaves an action for later.
    func putOff(_ action: Int) -> InvocationProgress.Step { self.progress.withLock { $0.putOff(action) } }
}

/// Which actions of one message are done, and what comes next. Pure.
struct InvocationProgress: Sendable {
    private let actions: Int
    private let hasErrorAction: Bool
    /// One bit for each action that has ended for now: delivered, failed or put off.
    private var ended: UInt64
    /// One bit for each action that need not run again, were the server to stop now. A failed one is not among them as long as the error
    /// action is to be told of it.
    private(set) var delivered: UInt64
    private(set) var failures: [ActionFailure] = []
    private(set) var isFinished = false
    /// All actions have ended for now, and some are to run later: the journal keeps the message until then.
    private(set) var isPutOff = false
    private var hasPutOff = false

    enum Step: Sendable, Equatable {
        case goesOn
        /// All actions are done and some failed: the error action runs, once for all of them (AWS IoT Developer Guide, rules).
        case runErrorAction([ActionFailure])
        case finished
        /// Nothing runs any more; some actions are left for later.
        case putOff
    }

    /// - Parameter done: what was delivered before a restart.
    init(actions: Int, hasErrorAction: Bool, done: UInt64) {
        self.actions = actions
        self.hasErrorAction = hasErrorAction
        self.delivered = done & Self.all(actions)
        self.ended = self.delivered
        self.isFinished = self.ended == Self.all(actions)
    }

    var actionsLeft: [Int] { (0..<self.actions).filter { self.ended & (1 << UInt64($0)) == 0 } }

    mutating func end() { self.isFinished = true }

    mutating func finish(_ action: Int?, _ failure: ActionFailure?) -> Step {
        guard let action else {
            self.isFinished = true
            return .finished
        }
        self.ended |= 1 << UInt64(action)
        if failure == nil || !self.hasErrorAction { self.delivered |= 1 << UInt64(action) }
        if let failure { self.failures.append(failure) }
        return self.settle()
    }

    mutating func putOff(_ action: Int) -> Step {
        self.ended |= 1 << UInt64(action)
        self.hasPutOff = true
        return self.settle()
    }

    private mutating func settle() -> Step {
        guard self.ended == Self.all(self.actions) else { return .goesOn }
        if self.hasPutOff {
            // What failed is tried again with what was put off, and the error action is told of all that fails then.
            self.isPutOff = true
            return .putOff
        }
        if !self.failures.isEmpty && self.hasErrorAction { return .runErrorAction(self.failures) }
        self.isFinished = true
        return .finished
    }

    /// There are at most ten actions.
    private static func all(_ actions: Int) -> UInt64 { (1 << UInt64(actions)) - 1 }
}

/// Why one action of one message was given up.
struct ActionFailure: Sendable, Hashable {
    /// "S3Action".
    let action: String
    let resource: String
    let message: String
    /// For an action that gathers results: how its failures are reported.
    var batch: BatchReport?
}
