/// The limits of the rules engine (AWS IoT Developer Guide, rules), and what happens at each.
package struct RulesLimits: Sendable {
    /// Rules of the account. Past it CreateTopicRule answers LimitExceededException.
    package var maxRules = 1_000
    /// Messages that wait for evaluation, and their bytes. Past it new ones are dropped, counted and logged.
    package var maxWaiting = 100_000
    package var maxWaitingBytes = 128 << 20
    /// Messages that wait for one action, and their bytes. Past it new ones of QoS 1 wait on disk, and others fail that action.
    package var maxQueued = 10_000
    package var maxQueuedBytes = 32 << 20
    /// Messages of one rule that wait on disk until its actions have room, and their bytes. Past it new ones fail the action.
    package var maxPutOff = 100_000
    package var maxPutOffBytes = 1 << 30
    /// Messages that are read from there at once.
    package var maxTakenUp = 256
    /// How long a stop waits for actions under way; what is journalled goes on after the next start.
    package var stopPatience = Duration.seconds(3)
    /// Bytes of a result that an action may be given. Past it the action fails.
    package var maxActionBytes = 128 << 10
    /// Tries of an action whose target has no rule of its own, the first included.
    package var maxAttempts = 10
    /// The pause before the second try, doubled for each further one, with jitter.
    package var firstBackOff = Duration.milliseconds(200)
    package var longestBackOff = Duration.seconds(30)
    /// How often a message may cause another through republish before the chain is cut.
    package var maxRepublishDepth = 10

    /// ``maxRules`` of the profile open.
    package static let maxRulesOpen = 100_000

    package init() {}

    /// Actions of one rule, without the error action.
    static let maxActions = 10
    static let maxNameCharacters = 128
}
