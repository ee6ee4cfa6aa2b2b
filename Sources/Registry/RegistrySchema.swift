package import Storage

/// The tables of this room. Principals are kept as `PolicyTarget.key`.
package enum RegistrySchema {
    package static let migrations: [Migration] = [
        Migration(room: "Registry", version: 1, statements: firstTables),
        Migration(room: "Registry", version: 2, statements: numberedThings),
        Migration(room: "Registry", version: 10, statements: GroupTable.tables),
        Migration(room: "Registry", version: 40, statements: IndexPartTable.tables),
        Migration(room: "Registry", version: 41, statements: ThingTypeTable.tables + BillingGroupTable.tables),
        Migration(room: "Registry", version: 42, statements: ThingTypeTable.propagation),
    ]

    private static let firstTables = [
        "CREATE TABLE registry_things (name TEXT PRIMARY KEY, id TEXT NOT NULL, version BIGINT NOT NULL)",
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

    /// A thing is one row with its attributes as a JSON object, and the search index has a row for each word of each field: a thing with ten
    /// attributes is half the rows that a row for each attribute and its index were.
    private static let numberedThings =
        [
            "ALTER TABLE registry_things RENAME TO registry_old_things",
            """
            CREATE TABLE registry_things (
                number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, id TEXT NOT NULL, version BIGINT NOT NULL,
                type TEXT, billing_group TEXT, attributes TEXT NOT NULL)
            """,
            // SQLite's function: no other store ever had the tables of version 1.
            """
            INSERT INTO registry_things (name, id, version, attributes)
                SELECT t.name, t.id, t.version,
                    (SELECT json_group_object(a.name, a.value) FROM registry_thing_attributes AS a WHERE a.thing = t.name)
                FROM registry_old_things AS t ORDER BY t.name
            """,
            "DROP TABLE registry_thing_attributes",
            "DROP TABLE registry_old_things",
            "CREATE INDEX registry_things_by_type ON registry_things (type, name) WHERE type IS NOT NULL",
            "CREATE INDEX registry_things_by_billing_group ON registry_things (billing_group, name) WHERE billing_group IS NOT NULL",
            // What the room knows about itself, by name.
            "CREATE TABLE registry_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        ] + termTables

    /// See ``TermTable``.
    private static let termTables = [
        "CREATE TABLE registry_fields (id INTEGER PRIMARY KEY, domain BIGINT NOT NULL, path TEXT NOT NULL, UNIQUE (domain, path))",
        """
        CREATE TABLE registry_terms (
            field BIGINT NOT NULL, word TEXT NOT NULL, number DOUBLE PRECISION, item BIGINT NOT NULL)
        """,
        "CREATE INDEX registry_terms_by_word ON registry_terms (field, word, item)",
        "CREATE INDEX registry_terms_by_number ON registry_terms (field, number, item) WHERE number IS NOT NULL",
    ]
}
