/// The limits of functions, and what happens at each. Where Lambda has a limit of its own, it is Lambda's.
package struct FunctionLimits: Sendable {
    /// Functions of the account. Past it CreateFunction answers CodeStorageExceededException.
    package var maxFunctions = 1_000
    /// Bytes of a zip. Past it RequestEntityTooLargeException.
    package var maxZipBytes = 50 << 20
    /// Bytes that a zip's files have together. Past it InvalidParameterValueException.
    package var maxUnpackedBytes = 250 << 20
    /// Files and folders of a zip. Past it InvalidParameterValueException.
    package var maxEntries = 20_000
    /// Bytes of a payload and of an answer. Past it RequestTooLargeException, or the error Function.ResponseSizeTooLarge.
    package var maxPayloadBytes = 6 << 20
    /// Bytes of the payload of an Event. Past it RequestTooLargeException.
    package var maxEventBytes = 1 << 20
    /// Events that wait, of all functions. Past it TooManyRequestsException.
    package var maxEvents = 10_000
    /// Bytes of their payloads together. Past it TooManyRequestsException.
    package var maxEventsBytes = 256 << 20
    /// How long an event waits for an instance; then it is dropped and logged.
    package var maxEventAge = Duration.seconds(21_600)
    /// Instances of one function without reserved concurrency, and of all functions. Past it invocations wait.
    package var maxInstancesPerFunction = 10
    package var maxInstances = 64
    /// Invocations of one function that wait for an instance. Past it TooManyRequestsException.
    package var maxWaiting = 1_000
    /// How long an instance may take to ask for its first invocation. Past it the invocation fails with Sandbox.Timedout.
    package var initTime = Duration.seconds(30)
    /// How long an instance without work is kept.
    package var idleTime = Duration.seconds(300)
    /// Pauses before an Event that failed is tried again: as many tries as pauses, then it is dropped and logged.
    package var eventPauses: [Duration] = [.seconds(60), .seconds(120)]
    /// How often the memory of an instance is looked at.
    package var memoryCheckPeriod = Duration.milliseconds(200)
    /// Bytes of output that are kept of one invocation; what comes behind is left out.
    package var maxLogBytes = 256 << 10
    /// Bytes of the output's end that Invoke gives with `LogType` Tail.
    package static let tailBytes = 4096

    package init() {}

    static let timeouts = 1...900
    static let memories = 128...10_240
    static let maxEnvironmentBytes = 4096
    static let maxTags = 50
    static let maxStatements = 100
}
