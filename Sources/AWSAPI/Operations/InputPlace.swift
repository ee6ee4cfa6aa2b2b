package import HTTPTypes

/// Where a member of an operation's input is bound in the request.
package struct InputPlace: Sendable {
    enum Kind {
        case label
        /// Nil when the parameter is called like the member.
        case query(String?)
        case header(HTTPField.Name)
        case body
    }

    let kind: Kind

    /// A part of the path, percent-decoded.
    package static let label = InputPlace(kind: .label)
    /// A query parameter of the same name.
    package static let query = InputPlace(kind: .query(nil))
    /// A member of the JSON body.
    package static let body = InputPlace(kind: .body)

    /// A query parameter of another name ("isAscendingOrder" for `ascendingOrder`).
    package static func query(_ name: String) -> InputPlace {
        InputPlace(kind: .query(name))
    }

    package static func header(_ name: HTTPField.Name) -> InputPlace {
        InputPlace(kind: .header(name))
    }
}
