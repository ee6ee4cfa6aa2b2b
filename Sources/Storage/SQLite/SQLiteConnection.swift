internal import GRDB
internal import GRDBSQLite

/// One GRDB connection with its compiled statements. Rooms see it for the time of one transaction.
///
/// In the writer it opens a savepoint before a body's first change, and only then: a body that throws before it changed anything,
/// which is what an operation that finds a conflict does, costs nothing.
final class SQLiteConnection: StoreConnection {
    /// Compiled statements that are kept. The rooms' texts are a fixed set of some hundreds; this is for a mistake.
    static let maxStatements = 1024

    /// What the connection must do before a body's first change.
    private enum Savepoints {
        /// A read, which changes nothing.
        case notUsed
        case notOpened
        case opened
    }

    let path: String
    private let database: Database
    private let handle: OpaquePointer?
    private var savepoints = Savepoints.notUsed
    private var handles: [String: SQLiteStatement] = [:]

    init(_ database: Database, path: String) {
        self.database = database
        self.handle = database.sqliteConnection
        self.path = path
    }

    // MARK: StoreConnection

    func execute(_ sql: String, _ values: [StoreValue]) throws -> Int {
        try self.statement(sql).run(values)
    }

    func query(_ sql: String, _ values: [StoreValue]) throws -> [StoreRow] {
        var rows: [StoreRow] = []
        try self.statement(sql).forEach(values) { rows.append($0) }
        return rows
    }

    func forEach(_ sql: String, _ values: [StoreValue], _ body: (StoreRow) throws -> Void) throws {
        try self.statement(sql).forEach(values, body)
    }

    func prepare(_ sql: String) throws -> any StoreStatement {
        try self.statement(sql)
    }

    private func statement(_ sql: String) throws -> SQLiteStatement {
        if let statement = self.handles[sql], !statement.isBusy { return statement }
        do {
            let statement = SQLiteStatement(try self.database.makeStatement(sql: sql), connection: self)
            // A statement whose rows are being walked over further up the stack must not be reset: the nested use gets its own.
            guard self.handles[sql] == nil else { return statement }
            if self.handles.count >= Self.maxStatements { self.handles.removeAll(keepingCapacity: true) }
            self.handles[sql] = statement
            return statement
        } catch {
            throw StoreError.translating(error, path: self.path)
        }
    }

    // MARK: Transactions

    /// Rows changed by the statement that just ran.
    var lastChangeCount: Int {
        Int(sqlite3_changes(self.handle))
    }

    /// Rows changed since the connection was opened. Wraps around: only differences mean something.
    var totalChangeCount: Int32 {
        sqlite3_total_changes(self.handle)
    }

    /// False after SQLite gave a transaction up by itself, as it does on some full disks and failing devices.
    var isInTransaction: Bool {
        sqlite3_get_autocommit(self.handle) == 0
    }

    /// Called before each run of a statement.
    func willRun(_ statement: SQLiteStatement) throws {
        guard !statement.isReadOnly else { return }
        switch self.savepoints {
        case .notUsed: throw StoreError.invalidStatement(sql: statement.sql, message: "it changes the database, and this is a read")
        case .notOpened: break
        case .opened: return
        }
        // Without this check what the body changes next would be committed statement by statement.
        guard self.isInTransaction else { throw StoreError.transactionLost("the database gave the transaction up") }
        self.savepoints = .opened
        try self.control("SAVEPOINT body")
    }

    /// Runs one write's body so that an error undoes its changes alone.
    ///
    /// - Throws: `StoreError.transactionLost` when the whole transaction is gone, otherwise what the body threw.
    func isolating(_ body: (any StoreConnection) throws -> Void) throws {
        self.savepoints = .notOpened
        defer { self.savepoints = .notUsed }
        do {
            try body(self)
            if case .opened = self.savepoints { try self.control("RELEASE body") }
        } catch {
            if case .opened = self.savepoints, self.isInTransaction { self.undo() }
            throw error
        }
    }

    /// Undoes the body, or if the disk does not even allow that, the whole transaction: what was refused must not be committed.
    private func undo() {
        self.savepoints = .notUsed
        do {
            try self.control("ROLLBACK TO body")
            try self.control("RELEASE body")
        } catch {
            // Without a transaction, which is how this ends, the writer fails all that it held.
            try? self.control("ROLLBACK")
        }
    }

    /// Runs a statement that begins or ends a transaction or a savepoint.
    func control(_ sql: String) throws {
        try self.statement(sql).control()
    }
}
