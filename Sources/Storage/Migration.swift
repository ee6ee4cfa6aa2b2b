/// One step of one room's tables. Each room brings its list; steps run in the order of their versions, each in a transaction of
/// its own, and what ran is recorded per room in the table `roost_migrations`.
///
/// A step that was released never changes: a correction is a new step. No constraint is DEFERRED: it would be checked at the commit, which
/// a write shares with others, and fail them all.
package struct Migration: Sendable {
    /// The room that owns the tables ("Broker").
    package let room: String
    /// From 1, rising within the room.
    package let version: Int
    /// Statements in the common subset of SQLite and PostgreSQL, run one after the other.
    package let statements: [String]

    package init(room: String, version: Int, statements: [String]) {
        self.room = room
        self.version = version
        self.statements = statements
    }
}
