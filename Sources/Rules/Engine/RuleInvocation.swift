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

    /// One bit for each action that is done.
    var done: UInt64 { self.progress.withLock { $0.done } }
    var isFinished: Bool { self.progress.withLock { $0.isFinished } }
    /// The actions that have to run, by their place.
    var actionsLeft: [Int] { self.progress.withLock { $0.actionsLeft } }

    /// Nothing more is to be done.
    func end() { self.progress.withLock { $0.end() } }

    /// - Parameter action: its place; nil for the error action.
    func finish(_ action: Int?, _ failure: ActionFailure?) -> InvocationProgress.Step {
        self.progress.withLock { $0.finish(action, failure) }
    }
}

/// Which actions of one message are done, and what comes next. Pure.
struct InvocationProgress: Sendable {
    private let actions: Int
    private let hasErrorAction: Bool
    /// One bit for each action that is done, successfully or not.
    private(set) var done: UInt64
    private(set) var failures: [ActionFailure] = []
    private(set) var isFinished = false

    enum Step: Sendable, Equatable {
        case goesOn
        /// All actions are done and some failed: the error action runs, once for all of them (reference 5.11).
        case runErrorAction([ActionFailure])
        case finished
    }

    /// - Parameter done: what was done before a restart.
    init(actions: Int, hasErrorAction: Bool, done: UInt64) {
        self.actions = actions
        self.hasErrorAction = hasErrorAction
        self.done = done & Self.all(actions)
        self.isFinished = actions == 0 || self.done == Self.all(actions)
    }

    var actionsLeft: [Int] { (0..<self.actions).filter { self.done & (1 << UInt64($0)) == 0 } }

    mutating func end() { self.isFinished = true }

    mutating func finish(_ action: Int?, _ failure: ActionFailure?) -> Step {
        guard let action else {
            self.isFinished = true
            return .finished
        }
        self.done |= 1 << UInt64(action)
        if let failure { self.failures.append(failure) }
        guard self.done == Self.all(self.actions) else { return .goesOn }
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
