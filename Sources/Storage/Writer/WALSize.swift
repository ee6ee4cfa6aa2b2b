internal import GRDB
internal import GRDBSQLite

/// Learns after each commit how many pages the write-ahead log holds (https://www.sqlite.org/c3ref/wal_hook.html).
///
/// Taking SQLite's hook also switches its automatic checkpoint off, which would run inside the commit and hold back the acknowledgement.
final class WALSize {
    /// Pages in the log after the last commit of the connection that this is attached to.
    private(set) var pages = 0

    /// Called on the connection's queue; the object must outlive the connection.
    func attach(to database: Database) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = sqlite3_wal_hook(
            database.sqliteConnection,
            { context, _, _, pages in
                if let context { Unmanaged<WALSize>.fromOpaque(context).takeUnretainedValue().pages = Int(pages) }
                return SQLITE_OK
            }, context)
    }
}
