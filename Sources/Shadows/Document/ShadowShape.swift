import JSON

/// The checks of a document's form.
enum ShadowShape {
    /// Deeper than any shadow may be: the parser's own limit is the last line against hostile nesting.
    static let parsing = JSONLimits(maxBytes: 1 << 20, maxDepth: 80, maxKeys: 65_536, duplicateKeys: .lastWins)

    /// Metadata nests one level deeper than its state and is longer: it was made here and needs no bound of its own.
    static let stored = JSONLimits(maxBytes: 64 << 20, maxDepth: 100, maxKeys: 1 << 20, duplicateKeys: .lastWins)

    /// Whether keys nest at most `limit` levels below `object`. An array counts like an object; what is empty adds no level.
    static func levels(_ object: JSONObject, atMost limit: Int) -> Bool {
        if object.isEmpty { return true }
        return limit > 0 && object.allSatisfy { self.levels($0.value, atMost: limit - 1) }
    }

    private static func levels(_ value: JSONValue, atMost limit: Int) -> Bool {
        switch value {
        case .object(let object): self.levels(object, atMost: limit)
        case .array(let values): values.isEmpty || (limit > 0 && values.allSatisfy { self.levels($0, atMost: limit - 1) })
        default: true
        }
    }

    /// Whether an array anywhere in `object` holds a null, directly or inside an element (AWS IoT Developer Guide, device shadows).
    static func hasNullInArray(_ object: JSONObject) -> Bool {
        object.contains { self.hasNullInArray($0.value, isInArray: false) }
    }

    private static func hasNullInArray(_ value: JSONValue, isInArray: Bool) -> Bool {
        switch value {
        case .null: isInArray
        case .array(let values): values.contains { self.hasNullInArray($0, isInArray: true) }
        case .object(let object): object.contains { self.hasNullInArray($0.value, isInArray: isInArray) }
        default: false
        }
    }

    static func problem(_ error: JSONParseError, limits: ShadowLimits) -> ShadowProblem {
        switch error.reason {
        case .invalidUTF8: .unsupportedEncoding
        case .tooDeep: .tooDeep(limit: limits.maxLevels)
        case .tooManyBytes, .tooManyKeys: .tooLarge
        default: .invalidJSON
        }
    }
}
