import Storage

/// A part of a session's queue, read from the disk.
///
/// Filled on a reader's queue and then handed to the event loop, never used by both; that is the unchecked claim.
final class QueuePage: @unchecked Sendable {
    private(set) var entries: [QueueCodec.Stored] = []

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
            bytes += data.count
            self.entries += try QueueCodec.decode(data).filter { $0.sequence >= from }
            // A damaged row could lead back, or past the last number.
            let last = try row.integer(0)
            guard last >= next, last < .max else { break }
            next = last + 1
        }
        try self.resolve(connection)
    }

    private func resolve(_ connection: any StoreConnection) throws {
        for i in self.entries.indices {
            guard let id = self.entries[i].sharedID else { continue }
            let rows = try connection.query("SELECT data FROM broker_message WHERE id = ?", [.integer(id)])
            if let data = try rows.first?.blob(0) { self.entries[i].body = try QueueCodec.decodeBody(data) }
        }
    }
}
