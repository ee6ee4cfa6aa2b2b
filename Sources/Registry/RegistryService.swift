package import AWSAPI
package import Identity
package import Storage

/// Things, and the principals that they hold.
package final class RegistryService: Sendable {
    /// This room's tables; the store is opened with them.
    package static let migrations = RegistrySchema.migrations

    let store: any Store
    let account: AccountContext
    /// Knows which certificates exist, and hears of every change that policies can see.
    let identity: IdentityService

    /// - Parameter identity: made with `RegisteredThings` as its directory, on the same store.
    package init(store: any Store, account: AccountContext, identity: IdentityService) {
        self.store = store
        self.account = account
        self.identity = identity
    }

    /// This room's operations, for the endpoint.
    package var operations: [any AWSOperation] {
        [
            CreateThing(registry: self), DescribeThing(registry: self), UpdateThing(registry: self), DeleteThing(registry: self),
            ListThings(registry: self), AttachThingPrincipal(registry: self), DetachThingPrincipal(registry: self),
            ListThingPrincipals(registry: self), ListThingPrincipalsV2(registry: self), ListPrincipalThings(registry: self),
            ListPrincipalThingsV2(registry: self),
        ]
    }
}

extension AccountContext {
    func thingARN(_ name: String) -> String { self.arn(service: "iot", "thing/\(name)") }
}
