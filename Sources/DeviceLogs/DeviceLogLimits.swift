/// The bounds of this room.
enum DeviceLogLimits {
    /// Levels of resources in one account (AWS IoT Core quotas, logging).
    static let levels = 1_000
    static let eventConfigurations = 50
    static let targetNameCharacters = 2_048
    /// Entries that wait to be written. What comes when there are so many is dropped and counted.
    static let waitingEntries = 10_000
    /// Bytes of the entries that wait, about.
    static let waitingBytes = 16 << 20
    /// Entries and bytes of one PutLogEvents, which takes 10,000 and a mebibyte with 26 bytes more for each.
    static let batchEntries = 1_000
    static let batchBytes = 512 << 10
    /// Characters of a text that a peer chose, such as a topic.
    static let textCharacters = 4_096
    /// Clients whose groups are remembered.
    static let knownClients = 10_000
    /// Times that a batch is tried before it is dropped.
    static let attempts = 4
    /// Between the first two attempts; each further wait is twice as long.
    static let firstPause = Duration.milliseconds(250)
    /// How long a stop waits for what is not written yet.
    static let stopPatience = Duration.seconds(3)
}
