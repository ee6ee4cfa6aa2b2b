import Storage

/// A policy as its table keeps it; its documents are its versions.
struct PolicyRecord: Sendable, Hashable {
    var name: String
    var generationID: String
    var defaultVersion: Int64
    var nextVersion: Int64
    var created: Timestamp
    var modified: Timestamp

    static let columns = "name, generation_id, default_version, next_version, created_ms, modified_ms"

    init(name: String, generationID: String, now: Timestamp) {
        self.name = name
        self.generationID = generationID
        self.defaultVersion = 1
        self.nextVersion = 2
        self.created = now
        self.modified = now
    }

    /// Reads a row of `columns`.
    init(_ row: StoreRow) throws {
        self.name = try row.text(0)
        self.generationID = try row.text(1)
        self.defaultVersion = try row.integer(2)
        self.nextVersion = try row.integer(3)
        self.created = Timestamp(milliseconds: try row.integer(4))
        self.modified = Timestamp(milliseconds: try row.integer(5))
    }
}

/// One version of a policy.
struct PolicyVersionRecord: Sendable, Hashable {
    var version: Int64
    /// As it was sent, white space included.
    var document: String
    var created: Timestamp

    static let columns = "version, document, created_ms"

    init(version: Int64, document: String, created: Timestamp) {
        self.version = version
        self.document = document
        self.created = created
    }

    init(_ row: StoreRow) throws {
        self.version = try row.integer(0)
        self.document = try row.text(1)
        self.created = Timestamp(milliseconds: try row.integer(2))
    }
}
