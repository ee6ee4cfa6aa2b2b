/// The thing that a connection acts as (reference §2.4): the principal's exclusive one, or the one with the client id as its name
/// that the principal is attached to. Over HTTPS there is no client id, so only the exclusive one.
struct ConnectionThing: Sendable {
    var facts: ThingFacts?
    var exclusive: String?

    var name: String? { self.exclusive ?? self.facts?.name }
}
