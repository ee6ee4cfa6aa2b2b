import Storage

/// What the room knows about itself: one text for each name, in `registry_settings`.
struct RegistrySettings {
    let connection: any StoreConnection

    func find(_ name: String) throws -> String? {
        try self.connection.queryOne("SELECT value FROM registry_settings WHERE name = ?", [.text(name)])?.text(0)
    }

    func remove(_ name: String) throws {
        try self.connection.execute("DELETE FROM registry_settings WHERE name = ?", [.text(name)])
    }

    func set(_ name: String, _ value: String) throws {
        try self.connection.execute(
            "INSERT INTO registry_settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [.text(name), .text(value)])
    }
}
