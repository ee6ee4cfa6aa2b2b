import AWSAPI
import HTTPTypes

extension InputPlace {
    /// A header by its name as the service model writes it.
    static func named(_ name: StaticString) -> InputPlace {
        // The names are literals of this module; one that is no token would read nothing, and its operation's test would fail.
        HTTPField.Name(name.description).map(InputPlace.header) ?? .query(name.description)
    }
}
