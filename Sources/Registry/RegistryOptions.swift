/// What the configuration says of this room.
package struct RegistryOptions: Sendable, Hashable {
    /// Seconds between DeprecateThingType and DeleteThingType; 300 at AWS.
    package var thingTypeDeleteDelay: Int64

    package init(thingTypeDeleteDelay: Int64 = 0) {
        self.thingTypeDeleteDelay = thingTypeDeleteDelay
    }
}
