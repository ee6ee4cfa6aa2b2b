import NIOCore

/// What is known of a client's connection (GetConnection).
package struct ConnectionInfo: Sendable {
    package var clientID: String
    package var isConnected: Bool
    package var facts: ConnectionFacts?
    package var thingName: String?
    /// Milliseconds since 1970.
    package var connectedAt: Int64
    package var disconnectedAt: Int64?
    package var keepAliveSeconds: Int
    package var isCleanSession: Bool
    package var sessionExpirySeconds: UInt32
    /// 4 or 5.
    package var version: UInt8
    package var subscriptions: [(filter: String, qos: UInt8)]
    package var queuedMessages: Int
}

extension Broker {
    /// Returns when no packet is decided by what authorities said before they told their connections that they changed.
    package func authoritiesSettled() async {
        // A loop takes its tasks in the order in which they came.
        await self.onEveryShard { _ in }
    }

    /// Ends all connections of a principal: its certificate is no longer active. Returns when they handle no packet any more.
    package func disconnect(principalID: String, cause: DisconnectCause = .authError) async {
        await self.onEveryShard { shard in
            for connection in shard.connections where connection.facts.principal.id == principalID {
                connection.shut(cause, code: .notAuthorized, reason: "the certificate is not active")
            }
        }
    }

    /// Runs on each event loop, and returns when it has run on all.
    func onEveryShard(_ body: @escaping @Sendable (Shard) -> Void) async {
        let done = self.shards.map { shard in shard.eventLoop.submit { body(shard) } }
        // It fails only when the loop has been shut down, and then there is nothing to be done either.
        for result in done { try? await result.get() }
    }

    /// DeleteConnection: `false` if no such client is known. With `cleanSession` its session ends as well.
    package func disconnect(clientID: String, cleanSession: Bool, preventWill: Bool) async throws -> Bool {
        try await self.withSession(clientID) { shard, session in
            let wasConnected = session.connection != nil
            if preventWill { session.will = nil }
            session.connection?.shut(
                .apiInitiated, code: .administrativeAction, reason: "disconnected by the API", publishesWill: !preventWill)
            if cleanSession { shard.shared.directory.ifIdle(session) { shard.discard(session) } }
            return wasConnected || cleanSession
        } ?? false
    }

    /// `nil`: the client has neither a connection nor a session.
    package func connectionInfo(clientID: String) async throws -> ConnectionInfo? {
        try await self.withSession(clientID) { _, session in
            let connection = session.connection
            return ConnectionInfo(
                clientID: clientID, isConnected: connection != nil, facts: connection?.facts, thingName: connection?.thingName,
                connectedAt: session.connectedAt, disconnectedAt: session.disconnectedAt == 0 ? nil : session.disconnectedAt,
                keepAliveSeconds: connection?.keepAliveSeconds ?? 0, isCleanSession: !session.isPersistent,
                sessionExpirySeconds: session.expirySeconds, version: session.version,
                subscriptions: session.subscriptions.map { ($0.key.text, $0.value.qos) }.sorted { $0.0 < $1.0 },
                queuedMessages: session.queuedMessages)
        }
    }

    private func withSession<T: Sendable>(_ clientID: String, _ body: @escaping @Sendable (Shard, Session) -> T) async throws -> T? {
        guard let (session, loop) = self.shared.directory.session(ExactText(clientID)) else { return nil }
        let shard = self.shards[loop]
        return try await shard.eventLoop.submit {
            guard session.loop == shard.index, !session.isDiscarded else { return nil }
            return body(shard, session)
        }.get()
    }
}

extension Shard {
    /// Every connection ends with DISCONNECT 0x8B (MQTT 5.0 §4.13).
    func close() {
        self.stopSweep()
        for connection in self.connections {
            connection.shut(.serverInitiated, code: .serverShuttingDown, reason: "the server is shutting down")
        }
        self.scheduleFlush()
    }

    /// Returns when nothing waits for the disk any more.
    func drained() async {
        let promise = self.eventLoop.makePromise(of: Void.self)
        self.eventLoop.execute {
            self.journal.afterNextCommit { promise.succeed() }
            self.scheduleFlush()
        }
        try? await promise.futureResult.get()
    }
}
