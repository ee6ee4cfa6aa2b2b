import JSON

/// The attributes that make an item's key.
struct DynamoDBKeySchema: Sendable, Hashable {
    struct Part: Sendable, Hashable {
        let name: String
        /// "S", "N" or "B".
        let type: String
    }

    let hash: Part
    let range: Part?

    /// The hash key of a table that a rule wrote to and of whose key nothing is known: the server counts its items.
    static let counted = DynamoDBKeySchema(hash: Part(name: "#seq", type: "N"), range: nil)

    init(hash: Part, range: Part?) {
        self.hash = hash
        self.range = range
    }

    /// From "HASH:S" or "HASH:S,RANGE:N"; the name of an attribute may hold colons and commas, so it is read from the end.
    init?(header: String) {
        var parts: [Part] = []
        for text in Self.split(header) {
            guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else { return nil }
            let type = String(text[text.index(after: colon)...])
            guard ["S", "N", "B"].contains(type) else { return nil }
            parts.append(Part(name: String(text[..<colon]), type: type))
        }
        guard let first = parts.first, parts.count <= 2 else { return nil }
        self.init(hash: first, range: parts.count > 1 ? parts[1] : nil)
    }

    /// At the first ":S," or the like, which ends a part.
    private static func split(_ header: String) -> [Substring] {
        for type in ["S", "N", "B"] {
            if let end = header.firstRange(of: ":\(type),") {
                return [header[..<end.upperBound].dropLast(), header[end.upperBound...]]
            }
        }
        return [header[...]]
    }

    var isCounted: Bool { self == Self.counted }

    var parts: [Part] { [self.hash] + (self.range.map { [$0] } ?? []) }

    // MARK: Keys of items

    /// Where an item is in its table.
    struct Position: Sendable, Hashable {
        let hash: [UInt8]
        /// Empty when there is no range key.
        let range: [UInt8]
    }

    /// The place of an item, which has more attributes than its key.
    func position(ofItem item: JSONObject) throws -> Position {
        for part in self.parts {
            guard let value = item[part.name] else {
                throw DynamoDBError.validation("One or more parameter values were invalid: Missing the key \(part.name) in the item")
            }
            let type = DynamoDBValue.parts(value).type
            guard type == part.type else {
                throw DynamoDBError.validation(
                    "One or more parameter values were invalid: Type mismatch for key \(part.name) expected: \(part.type) actual: \(type)")
            }
        }
        return try self.position(of: item)
    }

    /// The place of a key, which must have the attributes of the schema and no others.
    func position(ofKey key: JSONObject) throws -> Position {
        let fits = key.count == self.parts.count && self.parts.allSatisfy { key[$0.name].map { DynamoDBValue.parts($0).type } == $0.type }
        guard fits else { throw DynamoDBError.keyMismatch }
        return try self.position(of: key)
    }

    private func position(of attributes: JSONObject) throws -> Position {
        Position(
            hash: try Self.bytes(self.hash, attributes, limit: DynamoDBLimits.maxHashBytes, kind: "hashkey"),
            range: try self.range.map { try Self.bytes($0, attributes, limit: DynamoDBLimits.maxRangeBytes, kind: "rangekey") } ?? [])
    }

    private static func bytes(_ part: Part, _ attributes: JSONObject, limit: Int, kind: String) throws -> [UInt8] {
        guard let bytes = attributes[part.name].flatMap(DynamoDBValue.sortable) else { throw DynamoDBError.keyMismatch }
        guard !bytes.isEmpty else {
            throw DynamoDBError.validation(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. "
                    + "Key: \(part.name)")
        }
        guard bytes.count <= limit else {
            throw DynamoDBError.validation(
                "One or more parameter values were invalid: Size of \(kind) has exceeded the maximum size limit of\(limit) bytes")
        }
        return bytes
    }

    /// The key of an item.
    func key(of item: JSONObject) -> JSONObject {
        JSONObject(self.parts.compactMap { part in item[part.name].map { (part.name, $0) } })
    }

    /// The key as a person looks it up: "cellar", "cellar/5".
    func text(of item: JSONObject) -> String {
        self.parts.map { part in item[part.name].map { DynamoDBValue.parts($0).content.stringValue ?? "" } ?? "" }.joined(separator: "/")
            .replacing("\0", with: "\u{FFFD}")
    }

    // MARK: As JSON

    var keySchema: JSONValue {
        .array(
            zip(self.parts, ["HASH", "RANGE"]).map { part, kind in
                .object(["AttributeName": .string(part.name), "KeyType": .string(kind)])
            })
    }

    var attributeDefinitions: JSONValue {
        .array(self.parts.map { .object(["AttributeName": .string($0.name), "AttributeType": .string($0.type)]) })
    }
}
