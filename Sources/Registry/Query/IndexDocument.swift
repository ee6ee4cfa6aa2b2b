/// An item of an index as queries see it: the values of its fields, by their paths (`attributes.room`, `shadow.reported.color`).
struct IndexDocument: Sendable, Hashable {
    var fields: [String: [IndexValue]] = [:]

    /// Fields that a term without a field looks at: all but those on connections, and versions.
    var searchedByDefault: some Sequence<[IndexValue]> {
        self.fields.lazy.filter { Self.isSearchedByDefault($0.key) }.map(\.value)
    }

    static func isSearchedByDefault(_ path: String) -> Bool {
        !path.hasPrefix("connectivity.") && path != Self.version && !(path.hasPrefix("shadow.") && path.hasSuffix(".version"))
    }

    /// How often a thing was changed.
    static let version = "registry.version"

    /// A field by the name that the index has it under: managed fields of the registry have two.
    static func canonical(_ path: String) -> String {
        switch path {
        case "registry.thingTypeName", "registry.thingGroupNames": String(path.dropFirst("registry.".count))
        default: path
        }
    }

    /// The field that every thing has while connectivity is indexed.
    static let connected = "connectivity.connected"
}

enum IndexValue: Sendable, Hashable {
    case text(String)
    case number(Double)
    case bool(Bool)

    /// The number that a value is or says: `"12"` counts as 12.
    var number: Double? {
        switch self {
        case .text(let text): IndexTerm.number(text)
        case .number(let number): number
        case .bool: nil
        }
    }

    /// The words of a value in lower case, in order.
    var words: [String] {
        switch self {
        case .text(let text): text.lowercased().split { $0.unicodeScalars.allSatisfy(\.properties.isWhitespace) }.map(String.init)
        case .number(let number): [Self.word(number)]
        case .bool(let bool): [bool ? "true" : "false"]
        }
    }

    /// As JSON writes it.
    static func word(_ number: Double) -> String {
        if let integer = Int64(exactly: number) { "\(integer)" } else { "\(number)".lowercased() }
    }

    /// What the index has of it.
    var terms: Set<IndexTerm> {
        switch self {
        case .text(let text): IndexTerm.terms(of: text)
        case .number(let number): [IndexTerm(word: Self.word(number), number: number)]
        case .bool(let bool): [IndexTerm(word: bool ? "true" : "false", number: nil)]
        }
    }
}
