package import JSON
package import Storage

/// What the index asks of the rooms whose data it indexes.
package protocol IndexSources: Sendable {
    /// A shadow as the index has it: `desired`, `reported`, `delta`, `metadata`, `hasDelta` and `version`; nil when there is none.
    ///
    /// - Parameter name: empty for the classic shadow.
    func shadow(_ name: String, of thing: String, in connection: any StoreConnection) throws -> JSONObject?

    /// The connection of a client as of now; nil when it has none.
    func connection(of clientID: String) async -> ThingConnection?

    /// From now on clients that come and go are told to the index, or not any more.
    func listen(to connections: Bool) async
}

/// A client's connection, as GetThingConnectivityData tells of it.
package struct ThingConnection: Sendable, Hashable {
    /// Milliseconds since 1970.
    package var connectedAt: Int64
    package var sourceAddress: String?
    package var sourcePort: Int?
    package var targetAddress: String?
    package var targetPort: Int?
    package var keepAliveSeconds: Int
    package var isCleanSession: Bool
    package var sessionExpirySeconds: Int64

    package init(
        connectedAt: Int64, sourceAddress: String?, sourcePort: Int?, targetAddress: String?, targetPort: Int?, keepAliveSeconds: Int,
        isCleanSession: Bool, sessionExpirySeconds: Int64
    ) {
        self.connectedAt = connectedAt
        self.sourceAddress = sourceAddress
        self.sourcePort = sourcePort
        self.targetAddress = targetAddress
        self.targetPort = targetPort
        self.keepAliveSeconds = keepAliveSeconds
        self.isCleanSession = isCleanSession
        self.sessionExpirySeconds = sessionExpirySeconds
    }
}
