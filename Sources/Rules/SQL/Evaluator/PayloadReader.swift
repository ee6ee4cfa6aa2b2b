import JSON

/// The payload as far as a statement needs it, read when it first asks.
struct PayloadReader {
    private enum State {
        case unread
        case json(SQLValue)
        /// Neither an object nor an array.
        case other
        /// The members that the statement reads, by slot.
        case members([SQLValue])
    }

    private let members: [[UInt8]]
    private let isSelective: Bool
    private var state = State.unread
    /// Why the payload is not JSON; set when fields were asked of it.
    private(set) var error: JSONParseError?

    init(needs: StatementNeeds) {
        self.members = needs.payloadMembers
        self.isSelective = !needs.isWholePayload && needs.payloadMembers.count <= PayloadScanner.mostMembers
    }

    /// A member of the payload; Undefined when that is no object.
    mutating func member(_ name: String, slot: Int, of message: SQLMessage, _ dialect: SQLDialect) -> SQLValue {
        if case .unread = self.state { self.read(message, dialect) }
        switch self.state {
        case .members(let values): return values[slot]
        case .json(.object(let object)): return object[name].map { SQLValue($0) } ?? .undefined
        case .json, .other, .unread: return .undefined
        }
    }

    /// The object or array; else the bytes in base64.
    mutating func whole(of message: SQLMessage, _ dialect: SQLDialect) -> SQLValue {
        self.json(of: message, dialect) ?? .string(Base64.encode(message.payload))
    }

    /// The object or array; nil when the payload is none. The statement says in its needs that it wants this.
    mutating func json(of message: SQLMessage, _ dialect: SQLDialect) -> SQLValue? {
        if case .unread = self.state { self.read(message, dialect) }
        if case .json(let value) = self.state { return value }
        return nil
    }

    private mutating func read(_ message: SQLMessage, _ dialect: SQLDialect) {
        if self.isSelective, let values = message.payload.withUnsafeBytes({ PayloadScanner.values(of: self.members, in: $0, dialect) }) {
            self.state = .members(values)
            return
        }
        do throws(JSONParseError) {
            let limits = JSONLimits(maxBytes: .max, maxDepth: SQLLimits.maxPayloadNesting)
            let json = try JSONValue(parsing: message.payload, limits: limits)
            switch json {
            case .object, .array: self.state = .json(SQLValue(dialect.canonical(json)))
            case .null, .bool, .int, .decimal, .string: self.state = .other
            }
        } catch {
            self.error = error
            self.state = .other
        }
    }
}
