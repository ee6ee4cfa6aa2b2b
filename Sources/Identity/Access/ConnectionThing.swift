/// The thing that a connection acts as (AWS IoT Developer Guide, policies): the principal's exclusive one, or the one with the client id as its name
/// that the principal is attached to. Over HTTPS there is no client id, so only the exclusive one.
struct ConnectionThing: Sendable {
    var facts: ThingFacts?
    var exclusive: String?
    /// The static groups that the thing is in, with all above them.
    var groups: [String] = []
    /// What is attached to them.
    var groupPolicies = PolicySet()

    var name: String? { self.exclusive ?? self.facts?.name }
}
