/// What changed, and with it whose authority is read anew.
package enum AuthorityScope: Sendable, Hashable {
    /// A document, by the name of the policy.
    case policy(String)
    /// A certificate, a thing group, or what is attached to it.
    case principal(PolicyTarget)
    /// The attributes, the type, the groups or the existence of a thing.
    case thing(String)
    /// What messages of the things of a type are told with.
    case thingType(String)
    /// What roles allow: whoever acts by temporary credentials.
    case roles

    func affects(_ box: ConnectionAuthorityBox) -> Bool {
        switch self {
        case .policy(let name): box.mayUse(policy: name)
        case .principal(.thingGroup(let name)): box.mayConcern(group: name)
        case .principal(let target): box.subject.principal.target == target
        case .roles: box.subject.principal.isTemporary
        case .thing(let name): box.mayConcern(thing: name)
        case .thingType(let name): box.mayConcern(thingType: name)
        }
    }
}
