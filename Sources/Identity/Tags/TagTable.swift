import AWSAPI
package import Storage

/// The queries on tags, for every room whose resources have them. Resources are named by the last part of their ARN
/// ("policy/Thermometers"). Each runs inside a transaction of the caller.
package struct TagTable {
    let connection: any StoreConnection

    package init(connection: any StoreConnection) {
        self.connection = connection
    }

    /// In alphabetical order; never more than `IdentityLimits.tagsPerResource`.
    package func tags(on resource: String) throws -> [Tag] {
        try self.connection.query("SELECT name, value FROM identity_tags WHERE resource = ? ORDER BY name", [.text(resource)])
            .map { Tag(key: try $0.text(0), value: try $0.text(1)) }
    }

    /// Adds tags; one with a key that is there gets the new value.
    package func set(_ tags: [Tag], on resource: String) throws {
        guard !tags.isEmpty else { return }
        for tag in tags {
            try self.connection.execute(
                """
                INSERT INTO identity_tags (resource, name, value) VALUES (?, ?, ?)
                    ON CONFLICT (resource, name) DO UPDATE SET value = excluded.value
                """, [.text(resource), .text(tag.key), .text(tag.value)])
        }
        let count = try self.connection.queryOne("SELECT COUNT(*) FROM identity_tags WHERE resource = ?", [.text(resource)])
        guard try count?.integer(0) ?? 0 <= IdentityLimits.tagsPerResource else {
            throw AWSError.limitExceeded("A resource can have at most \(IdentityLimits.tagsPerResource) tags")
        }
    }

    /// Keys that are not there are passed over.
    package func remove(_ keys: [String], from resource: String) throws {
        for key in keys {
            try self.connection.execute("DELETE FROM identity_tags WHERE resource = ? AND name = ?", [.text(resource), .text(key)])
        }
    }

    /// Goes with the resource.
    package func deleteAll(on resource: String) throws {
        try self.connection.execute("DELETE FROM identity_tags WHERE resource = ?", [.text(resource)])
    }
}
