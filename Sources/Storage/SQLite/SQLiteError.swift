internal import GRDB
internal import GRDBSQLite

/// Translates what SQLite reports into the store's words (https://www.sqlite.org/rescode.html).
extension StoreError {
    /// - Parameter path: the database file, for the message.
    static func translating(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return StoreError(
            code: error.extendedResultCode.rawValue, message: error.message ?? error.extendedResultCode.description, sql: error.sql,
            path: path)
    }

    /// The error that `connection` reports for its last call.
    init(connection: OpaquePointer?, code: CInt, sql: String, path: String) {
        let message = connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "code \(code)"
        self.init(code: code, message: message, sql: sql, path: path)
    }

    /// The log's index cannot grow, which is how a disk without room shows when a connection opens.
    private static let sharedMemorySize = SQLITE_IOERR | 19 << 8

    /// - Parameter code: with what says more in its higher bits (https://www.sqlite.org/rescode.html#primary_result_codes_versus_extended_result_codes).
    private init(code: CInt, message: String, sql: String?, path: String) {
        switch code & 0xFF {
        case SQLITE_FULL: self = .diskFull(path: path)
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt(path: path, what: message)
        case SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH: self = .noPermission(path: path, what: "write to")
        case SQLITE_CANTOPEN: self = .noPermission(path: path, what: "open")
        case SQLITE_BUSY, SQLITE_LOCKED: self = .locked(path: path)
        case SQLITE_CONSTRAINT: self = .constraintFailed(message)
        case SQLITE_IOERR where code == Self.sharedMemorySize: self = .diskFull(path: path)
        case SQLITE_IOERR: self = .inputOutput(path: path, what: "\(message), code \(code)")
        case SQLITE_NOMEM, SQLITE_PROTOCOL, SQLITE_TOOBIG, SQLITE_INTERRUPT:
            self = .inputOutput(path: path, what: message)
        default: self = .invalidStatement(sql: sql ?? "", message: message)
        }
    }
}
