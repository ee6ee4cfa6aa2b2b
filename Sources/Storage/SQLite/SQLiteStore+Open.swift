internal import Foundation
internal import GRDB
package import Logging

extension SQLiteStore {
    /// The database's file in the data folder.
    static let fileName = "roost.sqlite"
    /// Concurrent readers of one database.
    static let readers = 4
    /// Page cache of each connection, in KiB.
    static let cacheKiB = 16_384
    /// The write-ahead log's file is cut back to this when it starts afresh.
    static let keptLogBytes = 67_108_864
    /// Marks a file as ours (https://www.sqlite.org/pragma.html#pragma_application_id): "Rost".
    static let applicationID = 0x526F_7374
    /// Databases up to this size are checked page by page at every start (about 0.1 s); a larger one shows damage when it is read.
    static let checkedMaxBytes = 33_554_432

    /// Opens the store of a data folder, which is made if it is missing, takes the folder's lock and brings the tables up to date.
    ///
    /// - Throws: `StoreError`: the folder is in use, not permitted, made by a newer version, full, or its database is damaged. In all of
    ///   these cases the files are left as they are.
    package static func open(folder: String, migrations: [Migration], logger: Logger) throws -> SQLiteStore {
        try Self.makeFolder(folder)
        let lock = try FolderLock(folder: folder)
        let path = folder + "/" + Self.fileName
        do {
            try Self.inspect(path)
            let database = try DatabaseQueue(path: path, configuration: Self.configuration())
            try database.writeWithoutTransaction { database in
                try Self.configureWriter(database)
                try MigrationRunner(migrations: migrations, path: path, logger: logger).run(database)
            }
            let readers = try (0..<Self.readers).map { _ in
                try DatabaseQueue(path: path, configuration: Self.configuration(isReadOnly: true))
            }
            let copier = try DatabaseQueue(path: path, configuration: Self.configuration())
            let checkpointer = try Checkpointer(writer: database, copier: copier, logger: logger)
            return SQLiteStore(
                database: database, readers: readers, path: path, checkpointer: checkpointer, lock: lock, logger: logger)
        } catch {
            throw StoreError.translating(error, path: path)
        }
    }

    /// A store that ends with the process, with the same face: for `--ephemeral` and tests.
    package static func inMemory(migrations: [Migration], logger: Logger) throws -> SQLiteStore {
        let path = "in memory"
        do {
            let queue = try DatabaseQueue(configuration: Self.configuration(isInMemory: true))
            try queue.writeWithoutTransaction { database in
                try MigrationRunner(migrations: migrations, path: path, logger: logger).run(database)
            }
            return SQLiteStore(database: queue, readers: [], path: path, checkpointer: nil, lock: nil, logger: logger)
        } catch {
            throw StoreError.translating(error, path: path)
        }
    }

    private static func configuration(isReadOnly: Bool = false, isInMemory: Bool = false) -> Configuration {
        var configuration = Configuration()
        configuration.label = "roost.storage"
        configuration.readonly = isReadOnly
        if !isReadOnly, !isInMemory { configuration.journalMode = .wal }
        // Nobody else has the file open, except perhaps a person's tool for a moment.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            if !database.configuration.readonly {
                // Takes effect in an empty file only, so it comes first.
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheKiB)")
            // Journals of savepoints and sorting need no file.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// Settings of the connection that writes.
    private static func configureWriter(_ database: Database) throws {
        // An acknowledged write is on disk (https://www.sqlite.org/pragma.html#pragma_synchronous); GRDB chose NORMAL.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "PRAGMA journal_size_limit = \(Self.keptLogBytes)")
        try database.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
    }

    /// Looks at what the file is, on a connection that cannot write: one that can copies an old log into the database when it is closed.
    private static func inspect(_ path: String) throws {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        // An empty file is what a first start leaves behind that was stopped early.
        guard size > 0 else { return }
        let queue = try DatabaseQueue(path: path, configuration: Self.configuration(isReadOnly: true))
        try queue.read { database in
            let tables = try Set(String.fetchAll(database, sql: "SELECT name FROM sqlite_master"))
            let mark = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            // What was saved of a damaged database as SQL text has our tables but no mark.
            guard tables.isEmpty || mark == Self.applicationID || (mark == 0 && tables.contains(MigrationRunner.table)) else {
                throw StoreError.unusableFolder(path: path, what: "the file is a database of another program")
            }
            try Self.check(database, path: path)
        }
        try queue.close()
    }

    private static func check(_ database: Database, path: String) throws {
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        let pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        guard pages * pageBytes <= Self.checkedMaxBytes else { return }
        let findings = try String.fetchAll(database, sql: "PRAGMA quick_check(3)")
        guard findings == ["ok"] else {
            throw StoreError.corrupt(path: path, what: findings.joined(separator: "; "))
        }
    }

    private static func makeFolder(_ folder: String) throws(StoreError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch let error as CocoaError where error.code == .fileWriteNoPermission || error.code == .fileWriteVolumeReadOnly {
            throw .noPermission(path: folder, what: "create")
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
            throw .diskFull(path: folder)
        } catch {
            throw .unusableFolder(path: folder, what: (error as? CocoaError)?.localizedDescription ?? "\(error)")
        }
    }
}
