internal import GRDB
internal import Logging

/// Brings a database's tables to what the rooms of this program expect.
struct MigrationRunner {
    static let table = "roost_migrations"

    let migrations: [Migration]
    let path: String
    let logger: Logger

    /// Applies what is missing, each step in a transaction of its own. Nothing is changed when the database was made by a newer version.
    func run(_ database: Database) throws {
        try database.execute(
            sql: "CREATE TABLE IF NOT EXISTS \(Self.table) (room TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (room, version))")
        let found = try self.recordedVersions(database)
        let known = self.migrations.reduce(into: [String: Int]()) { $0[$1.room] = max($0[$1.room] ?? 0, $1.version) }
        for (room, version) in found.sorted(by: { $0.key < $1.key }) where version > known[room] ?? 0 {
            throw StoreError.madeByNewerVersion(path: self.path, room: room, found: version, known: known[room] ?? 0)
        }
        var reached = found
        for migration in self.migrations where migration.version > found[migration.room] ?? 0 {
            precondition(migration.version > reached[migration.room] ?? 0, "the migrations of \(migration.room) are not in rising order")
            try self.apply(migration, database)
            reached[migration.room] = migration.version
        }
    }

    private func recordedVersions(_ database: Database) throws -> [String: Int] {
        try Row.fetchAll(database, sql: "SELECT room, MAX(version) FROM \(Self.table) GROUP BY room").reduce(into: [:]) {
            $0[$1[0] as String] = $1[1] as Int
        }
    }

    private func apply(_ migration: Migration, _ database: Database) throws {
        self.logger.debug("Preparing tables", metadata: ["room": "\(migration.room)", "step": "\(migration.version)"])
        try database.inTransaction(.immediate) {
            for statement in migration.statements {
                try database.execute(sql: statement)
            }
            try database.execute(
                sql: "INSERT INTO \(Self.table) (room, version) VALUES (?, ?)", arguments: [migration.room, migration.version])
            return .commit
        }
    }
}
