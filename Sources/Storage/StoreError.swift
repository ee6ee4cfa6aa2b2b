/// What can go wrong with the store. `description` is for the operator: it says what happened, to what, and what to do.
package enum StoreError: Error, Sendable, Hashable {
    /// Another server holds the folder's lock. The pid is nil when the lock file does not tell.
    case inUse(folder: String, pid: Int32?)
    /// A newer program changed the tables in a way that this one does not know.
    case madeByNewerVersion(path: String, room: String, found: Int, known: Int)
    case noPermission(path: String, what: String)
    /// The data folder cannot be one, or holds something that is not ours.
    case unusableFolder(path: String, what: String)
    /// The write that got this was undone; writes work again when there is room.
    case diskFull(path: String)
    /// `path` is nil where the row alone is known to be wrong.
    case corrupt(path: String?, what: String)
    /// The device or the file system failed a read, a write or a sync.
    case inputOutput(path: String, what: String)
    /// Another program keeps the database locked.
    case locked(path: String)
    /// More writes (or reads) wait than the store queues.
    case overloaded(limit: Int)
    case closed
    /// A UNIQUE, NOT NULL, CHECK or foreign key constraint refused the change.
    case constraintFailed(String)
    /// The transaction that held this write ended before it was committed; nothing of it is stored.
    case transactionLost(String)
    /// The statement is wrong: our bug.
    case invalidStatement(sql: String, message: String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let folder, let pid):
            let owner = pid.map { "the server with pid \($0)" } ?? "another server"
            return "the data folder \(folder) is in use by \(owner): stop it, or choose another folder with --data"
        case .madeByNewerVersion(let path, let room, let found, let known):
            return """
                \(path) was made by a newer version of Roost (\(room) is at step \(found), this version knows \(known)): \
                start the newer version, or choose another folder with --data
                """
        case .noPermission(let path, let what):
            return "no permission to \(what) \(path): give this user the right to it, or choose another folder with --data"
        case .unusableFolder(let path, let what):
            return "\(path) cannot be used as data folder (\(what)): choose another one with --data"
        case .diskFull(let path):
            return "the disk that holds \(path) is full: nothing was stored; free some space, a running server needs no restart"
        case .corrupt(let path, let what):
            return Self.damage(path: path, what: what)
        case .inputOutput(let path, let what):
            return "the disk failed on \(path) (\(what)): the change was not stored; check the system's log for device errors"
        case .locked(let path):
            return "\(path) is locked by another program: close the tool that has the database open"
        case .overloaded(let limit):
            return "the store has \(limit) requests waiting and takes no more: the disk is too slow for this load"
        case .closed:
            return "the store is closed: the server is stopping"
        case .constraintFailed(let what):
            return "the change contradicts what is stored: \(what)"
        case .transactionLost(let what):
            return "the transaction was undone before its commit (\(what)): the change was not stored"
        case .invalidStatement(let sql, let message):
            return "the statement \"\(sql)\" is not valid: \(message)"
        }
    }

    /// The log and its index belong to the database that they were written with: beside another one they would damage that too.
    private static func damage(path: String?, what: String) -> String {
        guard let path else { return "the database is damaged: \(what). It was left as it is" }
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return """
            the database \(path) is damaged: \(what). It was left as it is. Stop the server and keep a copy of \(folder) as it is now; then \
            move \(path), \(path)-wal and \(path)-shm out of it, and put a backup of the database in their place, or nothing: \
            the server then starts with an empty one. docs/durability.md tells how to save what can still be read
            """
    }
}
