/// How the broker behaves where implementations differ: every departure from the OASIS text and every limit, in one value.
///
/// ``aws`` behaves as AWS IoT Core does; ``open`` is MQTT 3.1.1 and 5.0 as specified with raised limits. No other place asks which
/// profile is in force.
package struct Profile: Sendable {
    /// The profile's name in the configuration and in logs.
    package var name: String

    // MARK: Behaviour

    /// The highest QoS that a client may publish or subscribe with (MQTT 5.0 §3.2.2.3.4). AWS IoT: 1.
    package var maximumQoS: UInt8
    /// Whether a SUBSCRIBE that asks for more than ``maximumQoS`` is refused; otherwise it is granted the maximum.
    package var refusesHigherQoSSubscriptions: Bool
    /// Whether `a/#` also matches `a` (MQTT 5.0 §4.7.1.2). AWS IoT: no.
    package var multiLevelWildcardMatchesParent: Bool
    /// Whether a subscription with wildcards receives retained messages. AWS IoT: only exact filters do.
    package var retainedForWildcards: Bool
    /// Whether subscription identifiers are accepted (MQTT 5.0 §3.2.2.3.12). AWS IoT: no.
    package var subscriptionIdentifiers: Bool
    /// Whether `$`-topics outside the documented reserved ones may be used by clients.
    package var allowsOtherDollarTopics: Bool
    /// Whether a retained publish to a `$`-topic is refused.
    package var refusesRetainedDollarTopics: Bool
    /// Whether a denied QoS 1 PUBLISH of a 3.1.1 client, or any denied SUBSCRIBE of one, ends the connection.
    package var closesOnDenial: Bool
    /// Whether a v3 session may be resumed by a v5 client and the reverse.
    package var resumesAcrossVersions: Bool
    /// Whether messages of a session that outlives its connection are sent again to a 3.1.1 client that leaves them unacknowledged
    /// for so many seconds. `nil`: only on its next connection, as MQTT 5.0 §4.4 demands for its clients in any case. AWS IoT does so
    /// without saying how often.
    package var resendAfterSeconds: Int?
    /// How long they are, seconds from the first time.
    package var resendForSeconds = 3600
    /// Whether the rates below are applied.
    package var enforceRates = false

    // MARK: Sizes

    /// Application message payload, bytes.
    package var maxPayloadBytes: Int
    /// A whole control packet after its fixed header, bytes (advertised as Maximum Packet Size, MQTT 5.0 §3.2.2.3.6).
    package var maxPacketBytes: Int
    /// The least Maximum Packet Size that a client may announce, bytes; smaller is refused. 0: any.
    package var minClientPacketBytes: Int
    /// A topic name or filter, bytes of UTF-8 (without `$share/NAME/` and the Basic Ingest prefix).
    package var maxTopicBytes: Int
    /// Levels of a topic or filter (slashes plus one; prefixes excluded as above).
    package var maxTopicLevels: Int
    /// A client identifier, bytes of UTF-8.
    package var maxClientIDBytes: Int
    /// Content type, bytes.
    package var maxContentTypeBytes: Int
    /// Response topic, bytes.
    package var maxResponseTopicBytes: Int
    /// Correlation data, bytes.
    package var maxCorrelationBytes: Int
    /// All user properties of a packet, names and values, bytes.
    package var maxUserPropertyBytes: Int

    // MARK: Counts

    /// Filters in one SUBSCRIBE or UNSUBSCRIBE.
    package var maxFiltersPerPacket: Int
    /// Subscriptions of one session.
    package var maxSubscriptionsPerSession: Int
    /// Unacknowledged QoS 1 and 2 messages from a client (Receive Maximum of the server, MQTT 5.0 §3.2.2.3.3).
    package var receiveMaximum: Int
    /// Unacknowledged QoS 1 and 2 messages to a client, the client's own Receive Maximum permitting.
    package var maxInFlight: Int
    /// Topic aliases that a client may use (MQTT 5.0 §3.2.2.3.8), and that the server uses towards it.
    package var topicAliasMaximum: Int
    /// Share groups in the whole broker, and members of one.
    package var maxShareGroups: Int
    package var maxMembersPerGroup: Int
    /// Sessions, connected or not.
    package var maxSessions: Int
    /// Retained messages, and their bytes in total.
    package var maxRetainedMessages: Int
    package var maxRetainedBytes: Int
    /// Messages waiting for one session, and their bytes.
    package var maxQueuedMessages: Int
    package var maxQueuedBytes: Int
    /// Bytes of all messages that wait on disk for any session.
    package var maxTotalQueuedBytes: Int

    // MARK: Times, in seconds

    /// Keep-alive bounds: below the least it is raised, 0 or above the most it is lowered to the most. `nil`: as the client asks.
    package var keepAliveRangeSeconds: ClosedRange<Int>?
    /// Session expiry of a 3.1.1 session with clean session 0.
    package var defaultSessionExpirySeconds: UInt32
    /// The most that a v5 client may ask for.
    package var maxSessionExpirySeconds: UInt32
    /// Message expiry cap. `nil`: none.
    package var maxMessageExpirySeconds: UInt32?
    /// From the accepted connection to a complete CONNECT.
    package var connectTimeoutSeconds: Int

    // MARK: Memory bounds, both profiles

    /// Bytes that may wait in memory for one connection's socket before QoS 0 messages to it are dropped.
    package var maxOutputBytes = 1 << 20
    /// Messages and bytes of one session's QoS 1 and 2 queue that are kept in memory; what is beyond waits on disk.
    package var maxMemoryQueueMessages = 1000
    package var maxMemoryQueueBytes = 1 << 20
    /// Topics whose subscribers are remembered, per event loop; each receiver of a topic counts as one more.
    package var maxCachedRoutes = 262_144
    /// Receivers of a topic up to which a connection keeps the route of its last publish at hand.
    package var maxReceiversAtHand = 256
    /// Topics whose permission is remembered, per connection.
    package var maxCachedDecisions = 1024
    /// Retained messages that one connection's new subscriptions are owed at a time. What they match beyond is dropped and counted.
    package var maxOwedRetained = 1_000_000
    /// Publishes of one connection whose acknowledgement waits for the disk; further input of it is not read until some are done.
    package var maxPendingAcknowledgements = 2048

    // MARK: Rates per connection and second (or as named), with ``enforceRates``

    /// CONNECT, bytes: what its texts (MQTT 5.0 §1.5.4) and user properties can take, for a stranger's packet is gathered before it is known who
    /// sends it.
    var maxConnectBytes: Int { min(self.maxPacketBytes, 12 * 65_537 + 2 * self.maxUserPropertyBytes) }

    package var publishesPerSecond = 100
    package var bytesPerSecond = 512 * 1024
    /// The least time between two connections of one client identifier, seconds.
    package var connectIntervalSeconds = 1

    /// AWS IoT Core's behaviour and limits.
    package static let aws = Profile(
        name: "aws", maximumQoS: 1, refusesHigherQoSSubscriptions: true, multiLevelWildcardMatchesParent: false,
        retainedForWildcards: false, subscriptionIdentifiers: false, allowsOtherDollarTopics: false,
        refusesRetainedDollarTopics: true, closesOnDenial: true, resumesAcrossVersions: false, resendAfterSeconds: 30,
        maxPayloadBytes: 128 * 1024, maxPacketBytes: 146 * 1024, minClientPacketBytes: 512, maxTopicBytes: 256, maxTopicLevels: 8,
        maxClientIDBytes: 128, maxContentTypeBytes: 256, maxResponseTopicBytes: 256, maxCorrelationBytes: 8 * 1024,
        maxUserPropertyBytes: 8 * 1024, maxFiltersPerPacket: 8, maxSubscriptionsPerSession: 50, receiveMaximum: 100,
        maxInFlight: 100, topicAliasMaximum: 8, maxShareGroups: 100, maxMembersPerGroup: 100, maxSessions: 1_000_000,
        maxRetainedMessages: 500_000, maxRetainedBytes: 1 << 30, maxQueuedMessages: 1_000_000, maxQueuedBytes: 1 << 30,
        maxTotalQueuedBytes: 16 << 30, keepAliveRangeSeconds: 30...1200, defaultSessionExpirySeconds: 3600,
        maxSessionExpirySeconds: 604_800, maxMessageExpirySeconds: 604_800, connectTimeoutSeconds: 30)

    /// MQTT 3.1.1 and 5.0 as specified, with limits that only guard the machine.
    package static let open = Profile(
        name: "open", maximumQoS: 2, refusesHigherQoSSubscriptions: false, multiLevelWildcardMatchesParent: true,
        retainedForWildcards: true, subscriptionIdentifiers: true, allowsOtherDollarTopics: true,
        refusesRetainedDollarTopics: false, closesOnDenial: false, resumesAcrossVersions: true, resendAfterSeconds: nil,
        maxPayloadBytes: 16 << 20, maxPacketBytes: (16 << 20) + (256 << 10), minClientPacketBytes: 0, maxTopicBytes: 65_535,
        maxTopicLevels: 128, maxClientIDBytes: 65_535, maxContentTypeBytes: 65_535, maxResponseTopicBytes: 65_535,
        maxCorrelationBytes: 65_535, maxUserPropertyBytes: 256 << 10, maxFiltersPerPacket: 1024,
        maxSubscriptionsPerSession: 100_000, receiveMaximum: 1024, maxInFlight: 2048, topicAliasMaximum: 32,
        maxShareGroups: 100_000, maxMembersPerGroup: 10_000, maxSessions: 10_000_000, maxRetainedMessages: 5_000_000,
        maxRetainedBytes: 4 << 30, maxQueuedMessages: 10_000_000, maxQueuedBytes: 8 << 30, maxTotalQueuedBytes: 64 << 30,
        keepAliveRangeSeconds: nil, defaultSessionExpirySeconds: .max, maxSessionExpirySeconds: .max,
        maxMessageExpirySeconds: nil, connectTimeoutSeconds: 30)
}
