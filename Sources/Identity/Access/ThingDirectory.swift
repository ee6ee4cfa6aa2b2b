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

    /// All that the thing holds, in any order.
    func principals(ofThing name: String, in connection: any StoreConnection) throws -> [PolicyTarget]

    /// The static groups that a thing is in, and all above them. Each once, in alphabetical order.
    func groups(ofThing name: String, in connection: any StoreConnection) throws -> [String]

    /// A group with all above it, the root first; nil when there is no such group.
    func lineage(ofGroup name: String, in connection: any StoreConnection) throws -> ThingGroupLineage?
}

/// A thing group as policies see it.
package struct ThingGroupLineage: Sendable, Hashable {
    /// The root first, the group itself last.
    package var names: [String]
    /// Policies cannot be attached to a dynamic group (AWS IoT Developer Guide, dynamic thing groups).
    package var isDynamic: Bool

    package init(names: [String], isDynamic: Bool) {
        self.names = names
        self.isDynamic = isDynamic
    }
}
