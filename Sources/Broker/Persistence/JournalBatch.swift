import Storage

/// A change to the broker's tables other than queued messages.
enum JournalOperation: Sendable {
    case nothing
    case session(SessionRecord)
    /// `sentThrough`: the highest number that was sent and may be unacknowledged, 0 for none.
    case disconnected(session: Int64, at: Int64, sentThrough: UInt64)
    case deleteSession(Int64)
    case groupQueue(Int64, filter: String)
    case deleteGroupQueue(Int64)
    case subscribe(session: Int64, filter: String, options: UInt8, identifier: UInt32)
    case unsubscribe(session: Int64, filter: String)
    case received(session: Int64, packetID: UInt16)
    case unreceived(session: Int64, packetID: UInt16)
    case released(session: Int64, sequence: UInt64)
    /// Writes what the topic's retained message is at the time of the write. Two loops can change one topic at the same moment and
    /// commit in either order: whichever is written last sees the last change.
    case retained(topic: String, of: RetainedMessages)

    func run(_ connection: any StoreConnection) throws {
        switch self {
        case .nothing: break
        case .session(let record): try record.write(connection)
        case .disconnected(let session, let at, let sentThrough):
            try connection.execute(
                "UPDATE broker_session SET disconnected_at = ?, sent_through = ? WHERE id = ?",
                [.integer(at), .integer(Int64(bitPattern: sentThrough)), .integer(session)])
        case .deleteSession(let id):
            for table in ["subscription", "released", "received"] {
                try connection.execute("DELETE FROM broker_\(table) WHERE session = ?", [.integer(id)])
            }
            try connection.execute("DELETE FROM broker_session WHERE id = ?", [.integer(id)])
        case .groupQueue(let id, let filter):
            try connection.execute(
                "INSERT INTO broker_group (filter, session) VALUES (?, ?) ON CONFLICT (filter) DO UPDATE SET session = excluded.session",
                [.text(filter), .integer(id)])
        case .deleteGroupQueue(let id):
            try connection.execute("DELETE FROM broker_group WHERE session = ?", [.integer(id)])
        case .subscribe(let session, let filter, let options, let identifier):
            try connection.execute(
                """
                INSERT INTO broker_subscription (session, filter, options, identifier) VALUES (?, ?, ?, ?)
                ON CONFLICT (session, filter) DO UPDATE SET options = excluded.options, identifier = excluded.identifier
                """, [.integer(session), .text(filter), .integer(Int64(options)), .integer(Int64(identifier))])
        case .unsubscribe(let session, let filter):
            try connection.execute(
                "DELETE FROM broker_subscription WHERE session = ? AND filter = ?", [.integer(session), .text(filter)])
        case .received, .unreceived, .released: try self.runExactlyOnce(connection)
        case .retained(let topic, let messages):
            guard let body = messages.get(topic) else {
                try connection.execute("DELETE FROM broker_retained WHERE topic = ?", [.text(topic)])
                return
            }
            try connection.execute(
                "INSERT INTO broker_retained (topic, data) VALUES (?, ?) ON CONFLICT (topic) DO UPDATE SET data = excluded.data",
                [.text(topic), .blob(QueueCodec.encode(body))])
        }
    }

    /// The state of QoS 2 exchanges.
    private func runExactlyOnce(_ connection: any StoreConnection) throws {
        switch self {
        case .received(let session, let id):
            try connection.execute(
                "INSERT INTO broker_received (session, packet_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [.integer(session), .integer(Int64(id))])
        case .unreceived(let session, let id):
            try connection.execute(
                "DELETE FROM broker_received WHERE session = ? AND packet_id = ?", [.integer(session), .integer(Int64(id))])
        case .released(let session, let sequence):
            try connection.execute(
                "INSERT INTO broker_released (session, sequence) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [.integer(session), .integer(Int64(bitPattern: sequence))])
        default: break
        }
    }
}

/// One row of the session table.
struct SessionRecord: Sendable {
    var id: Int64
    var clientID: String
    var version: UInt8
    var expirySeconds: UInt32
    /// Milliseconds since 1970, 0 while connected.
    var disconnectedAt: Int64
    var principal: String
    var will: MessageBody?
    var willDelaySeconds: UInt32
    var willExpirySeconds: UInt32?
    var sentThrough: UInt64

    func write(_ connection: any StoreConnection) throws {
        let state: [StoreValue] = [
            .integer(Int64(self.version)), .integer(Int64(self.expirySeconds)), .integer(self.disconnectedAt), .text(self.principal),
            self.will.map { .blob(QueueCodec.encode($0)) } ?? .null, .integer(Int64(self.willDelaySeconds)),
            self.willExpirySeconds.map { .integer(Int64($0)) } ?? .null, .integer(Int64(bitPattern: self.sentThrough)),
        ]
        let isKnown = try connection.execute(
            """
            UPDATE broker_session SET version = ?, expiry = ?, disconnected_at = ?, principal = ?, will = ?, will_delay = ?,
                will_expiry = ?, sent_through = ? WHERE id = ?
            """, state + [.integer(self.id)])
        guard isKnown == 0 else { return }
        // The client's former session may have ended on another loop, whose commit may come before this one or after it. Numbers grow, so
        // the higher one is the session that lives.
        let former = try connection.query("SELECT id FROM broker_session WHERE client_id = ?", [.text(self.clientID)])
        for row in former {
            guard try row.integer(0) < self.id else { return }
            try JournalOperation.deleteSession(try row.integer(0)).run(connection)
        }
        try connection.execute(
            """
            INSERT INTO broker_session (version, expiry, disconnected_at, principal, will, will_delay, will_expiry, sent_through, id,
                client_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, state + [.integer(self.id), .text(self.clientID)])
    }
}

/// One write of the journal, as a value that the writer's thread runs.
struct JournalBatch: Sendable {
    var operations: [JournalOperation]
    /// Sessions whose finished messages may go: below `head`, or all rows.
    var heads: [(session: Int64, head: UInt64, isEmpty: Bool)] = []
    var releases: [Int64: Int] = [:]
    private var runs: [(session: Int64, entries: [QueueCodec.Entry])] = []
    /// Bodies that more than one of the runs refers to, with the number of references.
    private var sharedBodies: [(body: MessageBody, references: Int)] = []

    init(operations: [JournalOperation]) { self.operations = operations }

    mutating func add(_ waiting: [(session: Session, entry: QueuedPublish)]) {
        var references: [Int64: Int] = [:]
        for (_, entry) in waiting { references[entry.body.id, default: 0] += 1 }
        var runs: [Int64: Int] = [:]
        var seen: Set<Int64> = []
        for (session, entry) in waiting {
            let count = references[entry.body.id] ?? 1
            entry.isBodyShared = count > 1
            if count > 1 && seen.insert(entry.body.id).inserted { self.sharedBodies.append((entry.body, count)) }
            let i = runs[session.id] ?? self.runs.count
            if i == self.runs.count {
                runs[session.id] = i
                self.runs.append((session.id, []))
            }
            self.runs[i].entries.append(
                QueueCodec.Entry(
                    sequence: entry.sequence, qos: entry.qos, isRetained: entry.isRetained, identifiers: entry.identifiers,
                    body: entry.body, isShared: count > 1))
            session.hasStoredQueue = true
            session.lastStoredSequence = max(session.lastStoredSequence, entry.sequence)
        }
    }

    func write(_ connection: any StoreConnection) throws {
        for operation in self.operations { try operation.run(connection) }
        try self.writeHeads(connection)
        try self.writeSharedBodies(connection)
        let insert = try connection.prepare(
            """
            INSERT INTO broker_queue (session, first_sequence, last_sequence, messages, bytes, data) VALUES (?, ?, ?, ?, ?, ?)
            """)
        for run in self.runs { try self.write(run.session, run.entries, insert) }
    }

    private func writeHeads(_ connection: any StoreConnection) throws {
        for (session, head, isEmpty) in self.heads {
            let head = Int64(bitPattern: head)
            // As long as a message's row is there, so is what is known of it: else it would be published anew after a crash.
            try connection.execute(
                "DELETE FROM broker_released WHERE session = ? AND sequence < ?", [.integer(session), .integer(head)])
            if isEmpty {
                try connection.execute("DELETE FROM broker_queue WHERE session = ?", [.integer(session)])
                try connection.execute("DELETE FROM broker_head WHERE session = ?", [.integer(session)])
                continue
            }
            try connection.execute(
                "DELETE FROM broker_queue WHERE session = ? AND last_sequence < ?", [.integer(session), .integer(head)])
            try connection.execute(
                "INSERT INTO broker_head (session, head) VALUES (?, ?) ON CONFLICT (session) DO UPDATE SET head = excluded.head",
                [.integer(session), .integer(head)])
        }
        for (id, count) in self.releases {
            try connection.execute(
                "UPDATE broker_message SET references_left = references_left - ? WHERE id = ?", [.integer(Int64(count)), .integer(id)])
            try connection.execute("DELETE FROM broker_message WHERE id = ? AND references_left <= 0", [.integer(id)])
        }
    }

    private func writeSharedBodies(_ connection: any StoreConnection) throws {
        for (body, references) in self.sharedBodies {
            try connection.execute(
                """
                INSERT INTO broker_message (id, references_left, data) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET references_left = broker_message.references_left + excluded.references_left
                """, [.integer(body.id), .integer(Int64(references)), .blob(QueueCodec.encode(body))])
        }
    }

    /// A row of the queue table for each part of the run that stays under the row's bounds.
    private func write(_ session: Int64, _ entries: [QueueCodec.Entry], _ insert: any StoreStatement) throws {
        var start = 0
        while start < entries.count {
            var end = start
            var bytes = 0
            while end < entries.count && end - start < Journal.maxRunMessages && (end == start || bytes < Journal.maxRunBytes) {
                bytes += entries[end].body.byteCount
                end += 1
            }
            try insert.bind(session, at: 0)
            try insert.bind(Int64(bitPattern: entries[start].sequence), at: 1)
            try insert.bind(Int64(bitPattern: entries[end - 1].sequence), at: 2)
            try insert.bind(end - start, at: 3)
            try insert.bind(bytes, at: 4)
            try QueueCodec.encode(entries[start..<end]).withUnsafeBytes { _ = try insert.run(borrowing: $0, at: 5) }
            start = end
        }
    }
}
