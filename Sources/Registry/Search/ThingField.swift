import JSON
import Storage

/// A field of the index that a thing's own row says.
enum ThingField {
    case version
    case name
    case id
    case type
    case attribute(String)

    /// Nil for fields that need more than the row.
    init?(path: String) {
        switch IndexDocument.canonical(path) {
        case IndexDocument.version: self = .version
        case "thingName": self = .name
        case "thingId": self = .id
        case "thingTypeName": self = .type
        case let attribute where attribute.hasPrefix("attributes."): self = .attribute(String(attribute.dropFirst("attributes.".count)))
        default: return nil
        }
    }

    fileprivate var column: String {
        switch self {
        case .version: "version"
        case .name: "name"
        case .id: "id"
        case .type: "type"
        case .attribute: "attributes"
        }
    }

    fileprivate func value(_ row: StoreRow) throws -> IndexValue? {
        switch self {
        case .version: .number(Double(try row.integer(0)))
        case .name, .id: .text(try row.text(0))
        case .type: try row.optionalText(0).map(IndexValue.text)
        case .attribute(let name): try Thing.attributesObject(row.text(0))[name]?.stringValue.map(IndexValue.text)
        }
    }
}

extension ThingTable {
    /// A field's values of all things, in the order in which the things were made. Things without the field are left out.
    func forEachValue(of field: ThingField, _ body: (IndexValue) throws -> Void) throws {
        try self.connection.forEach("SELECT \(field.column) FROM registry_things ORDER BY number", []) { row in
            if let value = try field.value(row) { try body(value) }
        }
    }
}
