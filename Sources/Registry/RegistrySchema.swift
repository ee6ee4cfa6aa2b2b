package import Storage

/// The tables of this room. Principals are kept as `PolicyTarget.key`.
package enum RegistrySchema {
    package static let migrations: [Migration] = [Migration(room: "Registry", version: 1, statements: tables)]

    private static let tables = [
        "CREATE TABLE registry_things (name TEXT PRIMARY KEY, id TEXT NOT NULL, version BIGINT NOT NULL)",
        // Rows rather than a document, so that ListThings can look for an attribute.
        """
        CREATE TABLE registry_thing_attributes (
            thing TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (thing, name))
        """,
        "CREATE INDEX registry_thing_attributes_by_value ON registry_thing_attributes (name, value, thing)",
        """
        CREATE TABLE registry_thing_principals (
            thing TEXT NOT NULL, principal TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (thing, principal))
        """,
        "CREATE INDEX registry_thing_principals_by_principal ON registry_thing_principals (principal, thing)",
    ]
}
