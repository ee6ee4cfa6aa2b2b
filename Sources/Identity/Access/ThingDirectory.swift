package import Storage

/// What this room needs to know of things. Every question is asked inside a transaction of the caller, so that a decision and the
/// change that rests on it are one.
package protocol ThingDirectory: Sendable {
    func thing(named name: String, in connection: any StoreConnection) throws -> ThingFacts?

    /// Whether the principal is attached to the thing.
    func isAttached(_ principal: PolicyTarget, to thing: String, in connection: any StoreConnection) throws -> Bool

    /// The thing that alone holds the principal (`EXCLUSIVE_THING`).
    func exclusiveThing(of principal: PolicyTarget, in connection: any StoreConnection) throws -> String?

    /// Whether any thing holds the principal.
    func hasThings(_ principal: PolicyTarget, in connection: any StoreConnection) throws -> Bool
}

/// What policies may ask of a thing.
package struct ThingFacts: Sendable, Hashable {
    package var name: String
    package var typeName: String?
    package var attributes: [String: String]

    package init(name: String, typeName: String? = nil, attributes: [String: String] = [:]) {
        self.name = name
        self.typeName = typeName
        self.attributes = attributes
    }
}
