import Storage

/// A part of a session's queue, read from the disk.
///
/// Filled on a reader's queue and then handed to the event loop, never used by both; that is the unchecked claim.
final class QueuePage: @unchecked Sendable {
    private(set) var entries: [QueueCodec.Stored] = []
    /// Rows that could not be decoded. The messages in front of the damage are in ``entries``, those behind it are lost.
    private(set) var damage: [DamagedRow] = []

    /// Messages with a number of at least `from`, in order, until a bound is reached (always one row at least).
    func load(_ connection: any StoreConnection, session: Int64, from: UInt64, maxMessages: Int, maxBytes: Int) throws {
        var bytes = 0
        var next = Int64(bitPattern: from)
        while self.entries.count < maxMessages && bytes < maxBytes {
            let rows = try connection.query(
                """
                SELECT last_sequence, data FROM broker_queue WHERE session = ? AND last_sequence >= ? ORDER BY first_sequence LIMIT 1
                """, [.integer(session), .integer(next)])
            guard let row = rows.first else { break }
            let data = try row.blob(1)
            // A damaged row could lead past the last number, or come from below the first.
            let last = try row.integer(0)
            guard next >= 0, last < .max else { break }
            // A run that says nothing has to leave room for the next one.
            if self.append(data, UInt64(bitPattern: next)...UInt64(bitPattern: last)) { bytes += data.count }
            next = last + 1
        }
        try self.resolve(connection)
    }

    /// - Parameter numbers: of the messages that are wanted of a run.
    /// - Returns: whether it had any.
    private func append(_ data: [UInt8], _ numbers: ClosedRange<UInt64>) -> Bool {
        let count = self.entries.count
        var latest: UInt64?
        var damage = QueueCodec.decode(data) { entry in
            guard entry.sequence <= numbers.upperBound, latest.map({ $0 < entry.sequence }) ?? true else { return }
            latest = entry.sequence
            if entry.sequence >= numbers.lowerBound { self.entries.append(entry) }
        }
        if damage == nil && latest != numbers.upperBound { damage = DamagedRow(what: "a run does not end with its last number") }
        if let damage { self.damage.append(damage) }
        return self.entries.count > count
    }

    private func resolve(_ connection: any StoreConnection) throws {
        for i in self.entries.indices {
            guard let id = self.entries[i].sharedID else { continue }
            let rows = try connection.query("SELECT data FROM broker_message WHERE id = ?", [.integer(id)])
            guard let data = try rows.first?.blob(0) else { continue }
            do {
                self.entries[i].body = try QueueCodec.decodeBody(data)
            } catch {
                self.damage.append(error)
            }
        }
    }
}
