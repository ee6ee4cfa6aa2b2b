/// What every room keeps its state in.
///
/// Services see this protocol only, so that a build which runs past one machine can bring another engine: the SQL that they
/// write is the common subset of SQLite and PostgreSQL, with `?` for every value (no numbered or named parameters).
///
/// A write whose caller was told that it succeeded is on disk.
package protocol Store: Sendable {
    /// Runs `body` in the group-commit writer and returns its value when the transaction that holds its changes is on disk.
    ///
    /// The body runs exactly once, after every write submitted before it. If it throws, only its own changes are undone and the
    /// error is thrown here. When the writer's queue is full the caller waits for room; it is never refused for that.
    func write<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T

    /// Runs `body` on a consistent snapshot that holds at least every write that had returned before. The body cannot write.
    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T

    /// `write` for event loops: never blocks and makes no task.
    ///
    /// `completion` is called exactly once on the writer's queue: with nil after the fsync, or with the error. It must be short,
    /// usually one `eventLoop.execute`, for the next commit waits for it. When the writer's queue is full the write is refused:
    /// the completion gets `StoreError.overloaded`, called before `submit` returns. The same holds for `StoreError.closed`.
    func submit(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void,
        completion: @escaping @Sendable ((any Error)?) -> Void)

    /// `read` for event loops. `completion` is called exactly once, on a queue of the store. Refused like `submit` when too many wait.
    func submitRead(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void,
        completion: @escaping @Sendable ((any Error)?) -> Void)

    /// Refuses what comes after, waits for what is queued, and closes the database. Calling it again is harmless.
    func close() async
}

/// The database as a body sees it: valid inside one transaction only, never to be kept.
///
/// Statements are compiled once per connection and text, for as long as the store is open: write values as `?`, never into the
/// text, and choose the text from a fixed set.
package protocol StoreConnection {
    /// Runs one statement and returns how many rows it inserted, updated or deleted.
    @discardableResult
    func execute(_ sql: String, _ values: [StoreValue]) throws -> Int

    /// All rows of a query (or of a statement with `RETURNING`), in memory: for results with a bound.
    func query(_ sql: String, _ values: [StoreValue]) throws -> [StoreRow]

    /// The rows one by one: for results of any length. An error thrown by `body` ends the walk and is thrown on.
    func forEach(_ sql: String, _ values: [StoreValue], _ body: (StoreRow) throws -> Void) throws

    /// A handle on a compiled statement, for loops over thousands of rows.
    func prepare(_ sql: String) throws -> any StoreStatement
}

extension StoreConnection {
    @discardableResult
    package func execute(_ sql: String) throws -> Int {
        try self.execute(sql, [])
    }

    package func query(_ sql: String) throws -> [StoreRow] {
        try self.query(sql, [])
    }

    package func forEach(_ sql: String, _ body: (StoreRow) throws -> Void) throws {
        try self.forEach(sql, [], body)
    }

    /// The first row of a query, nil if it has none.
    package func queryOne(_ sql: String, _ values: [StoreValue] = []) throws -> StoreRow? {
        try self.query(sql, values).first
    }
}

/// A compiled statement of one `StoreConnection`, valid as long as that is.
///
/// Two ways to run it: `run(values)`, or one `bind` per parameter followed by `run()`, which makes no array and takes bytes from
/// wherever they lie. Positions count from 0.
package protocol StoreStatement: AnyObject {
    /// Binds all values, runs the statement and returns how many rows changed.
    @discardableResult
    func run(_ values: [StoreValue]) throws -> Int

    func bindNull(at position: Int) throws
    func bind(_ value: Int64, at position: Int) throws
    func bind(_ value: Double, at position: Int) throws
    func bind(_ value: String, at position: Int) throws
    /// The bytes are copied, once, before this returns.
    func bind(_ bytes: UnsafeRawBufferPointer, at position: Int) throws

    /// Runs the statement with what was bound since the last run; parameters not bound are null. Returns how many rows changed.
    @discardableResult
    func run() throws -> Int

    /// `run()` with one more parameter whose bytes are read in place and not copied: for large payloads.
    @discardableResult
    func run(borrowing bytes: UnsafeRawBufferPointer, at position: Int) throws -> Int
}

extension StoreStatement {
    package func bind(_ value: Int, at position: Int) throws {
        try self.bind(Int64(value), at: position)
    }

    package func bind(_ value: Bool, at position: Int) throws {
        try self.bind(value ? Int64(1) : 0, at: position)
    }

    package func bind(_ bytes: [UInt8], at position: Int) throws {
        try bytes.withUnsafeBytes { try self.bind($0, at: position) }
    }
}
