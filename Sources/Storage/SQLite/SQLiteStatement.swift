internal import GRDB
internal import GRDBSQLite

/// SQLite's marker for "copy the bytes before you return" (https://www.sqlite.org/c3ref/c_static.html).
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
/// SQLite's marker for "the bytes outlive the run": only used where the run happens inside `withUnsafeBytes`.
private let borrowed: sqlite3_destructor_type? = nil

/// A compiled statement, driven through SQLite's C interface.
///
/// GRDB compiles it. Its own way to bind and step goes through an argument array and a row object per call, which costs more
/// than SQLite's insert of a small row; the store needs none of what that way adds (observation of changes, named arguments).
final class SQLiteStatement: StoreStatement {
    /// Blobs above this are bound in place rather than copied; below it the copy is cheaper than the nested call.
    static let copiedBlobMaxBytes = 1024

    private let compiled: Statement
    private let handle: OpaquePointer
    /// Weak by nature: a statement is valid as long as its connection.
    private unowned let connection: SQLiteConnection
    private let parameterCount: Int
    let isReadOnly: Bool

    init(_ compiled: Statement, connection: SQLiteConnection) {
        self.compiled = compiled
        self.handle = compiled.sqliteStatement
        self.connection = connection
        self.parameterCount = Int(sqlite3_bind_parameter_count(compiled.sqliteStatement))
        self.isReadOnly = sqlite3_stmt_readonly(compiled.sqliteStatement) != 0
    }

    /// Whether a walk over its rows is under way further up the stack.
    var isBusy: Bool {
        sqlite3_stmt_busy(self.handle) != 0
    }

    var sql: String { self.compiled.sql }

    // MARK: Running

    func run(_ values: [StoreValue]) throws -> Int {
        try self.withBound(values) { try self.stepToEnd() }
    }

    func run() throws -> Int {
        defer { self.clear() }
        return try self.stepToEnd()
    }

    func run(borrowing bytes: UnsafeRawBufferPointer, at position: Int) throws -> Int {
        defer { self.clear() }
        try self.bindBlob(bytes, at: position, lifetime: borrowed)
        return try self.stepToEnd()
    }

    func forEach(_ values: [StoreValue], _ body: (StoreRow) throws -> Void) throws {
        try self.withBound(values) {
            try self.connection.willRun(self)
            let columns = sqlite3_column_count(self.handle)
            while true {
                switch sqlite3_step(self.handle) {
                case SQLITE_ROW: try body(self.row(columns: columns))
                case SQLITE_DONE: return
                case let code: throw self.error(code)
                }
            }
        }
    }

    /// Runs a statement of transaction control, for which the connection has nothing to prepare.
    func control() throws {
        defer { self.clear() }
        try self.step()
    }

    private func stepToEnd() throws -> Int {
        try self.connection.willRun(self)
        try self.step()
        return self.isReadOnly ? 0 : self.connection.lastChangeCount
    }

    private func step() throws {
        while true {
            switch sqlite3_step(self.handle) {
            case SQLITE_ROW: continue
            case SQLITE_DONE: return
            case let code: throw self.error(code)
            }
        }
    }

    /// Resets the statement, so that it holds no lock and no reference to a caller's bytes.
    private func clear() {
        // The reset repeats the error of the last step, which has been thrown already.
        _ = sqlite3_reset(self.handle)
        _ = sqlite3_clear_bindings(self.handle)
    }

    private func error(_ code: CInt) -> StoreError {
        StoreError(connection: sqlite3_db_handle(self.handle), code: code, sql: self.compiled.sql, path: self.connection.path)
    }

    // MARK: Binding

    /// Binds `values` for the time of `body`.
    private func withBound<T>(_ values: [StoreValue], _ body: () throws -> T) throws -> T {
        guard values.count == self.parameterCount else {
            throw StoreError.invalidStatement(
                sql: self.compiled.sql, message: "it has \(self.parameterCount) parameters and got \(values.count) values")
        }
        defer { self.clear() }
        return try self.bind(values[...], body)
    }

    /// Binds from `values.startIndex` on. Nests one call per large blob, so that it can be read where it lies; the depth is bounded by
    /// SQLite's own limit on parameters.
    private func bind<T>(_ values: ArraySlice<StoreValue>, _ body: () throws -> T) throws -> T {
        for position in values.indices {
            switch values[position] {
            case .null: try self.bindNull(at: position)
            case .integer(let value): try self.bind(value, at: position)
            case .real(let value): try self.bind(value, at: position)
            case .text(let value): try self.bind(value, at: position)
            case .blob(let bytes) where bytes.count > Self.copiedBlobMaxBytes:
                return try bytes.withUnsafeBytes {
                    try self.bindBlob($0, at: position, lifetime: borrowed)
                    return try self.bind(values[(position + 1)...], body)
                }
            case .blob(let bytes): try bytes.withUnsafeBytes { try self.bind($0, at: position) }
            }
        }
        return try body()
    }

    func bindNull(at position: Int) throws {
        try self.check(sqlite3_bind_null(self.handle, CInt(position + 1)))
    }

    func bind(_ value: Int64, at position: Int) throws {
        try self.check(sqlite3_bind_int64(self.handle, CInt(position + 1), value))
    }

    func bind(_ value: Double, at position: Int) throws {
        try self.check(sqlite3_bind_double(self.handle, CInt(position + 1), value))
    }

    func bind(_ value: String, at position: Int) throws {
        var value = value
        let code = value.withUTF8 { utf8 in
            // A nil base address would bind NULL; the empty text is a text.
            guard let start = utf8.baseAddress else { return sqlite3_bind_text(self.handle, CInt(position + 1), "", 0, copied) }
            return start.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
                sqlite3_bind_text(self.handle, CInt(position + 1), $0, CInt(utf8.count), copied)
            }
        }
        try self.check(code)
    }

    func bind(_ bytes: UnsafeRawBufferPointer, at position: Int) throws {
        try self.bindBlob(bytes, at: position, lifetime: copied)
    }

    private func bindBlob(_ bytes: UnsafeRawBufferPointer, at position: Int, lifetime: sqlite3_destructor_type?) throws {
        // A nil base address would bind NULL; the empty blob is a blob.
        guard let start = bytes.baseAddress, bytes.count > 0 else {
            return try self.check(sqlite3_bind_zeroblob(self.handle, CInt(position + 1), 0))
        }
        try self.check(sqlite3_bind_blob64(self.handle, CInt(position + 1), start, UInt64(bytes.count), lifetime))
    }

    private func check(_ code: CInt) throws {
        guard code == SQLITE_OK else { throw self.error(code) }
    }

    // MARK: Reading

    private func row(columns: CInt) -> StoreRow {
        StoreRow((0..<columns).map(self.value(column:)))
    }

    private func value(column: CInt) -> StoreValue {
        switch sqlite3_column_type(self.handle, column) {
        case SQLITE_INTEGER:
            return .integer(sqlite3_column_int64(self.handle, column))
        case SQLITE_FLOAT:
            return .real(sqlite3_column_double(self.handle, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(self.handle, column)
            let count = Int(sqlite3_column_bytes(self.handle, column))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(self.handle, column)
            let count = Int(sqlite3_column_bytes(self.handle, column))
            return .blob(Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)))
        default:
            return .null
        }
    }
}
