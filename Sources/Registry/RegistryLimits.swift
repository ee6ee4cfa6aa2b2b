/// The bounds of this room, by AWS's quotas (AWS IoT Core quotas, "AWS IoT Core thing resource limits").
enum RegistryLimits {
    /// Attributes of a thing that has no thing type.
    static let attributesWithoutType = 3
    /// Bytes of all attribute names and values of one thing.
    static let attributeBytes = 47 * 1_024
    /// Attributes of a thing that has one.
    static let attributesWithType = 50
    /// Attributes that a thing type names as searchable.
    static let searchableAttributes = 3
    /// User properties that a thing type adds to messages.
    static let propagatingAttributes = 20
    static let userPropertyKeyCharacters = 128
    static let billingGroups = 20_000
    /// Attributes of a thing group.
    static let attributesOfGroup = 50
    /// Levels of a hierarchy of thing groups, the root counted.
    static let groupDepth = 7
    /// Groups right below one group.
    static let childGroups = 100
    /// Groups that one thing is in, dynamic ones counted.
    static let groupsPerThing = 10
    /// Dynamic groups of the account.
    static let dynamicGroups = 100
    /// Fields that are named for aggregations, of each index.
    static let customFields = 5
    /// Named shadows that are indexed.
    static let indexedShadowNames = 10
    /// Fields that geo_distance may ask for.
    static let geoLocations = 1
    /// Groups that one call of UpdateThingGroupsForThing adds, and removes.
    static let groupsPerCall = 100
    /// Characters of a description.
    static let descriptionCharacters = 2_028
    static let attributeNameCharacters = 128
    static let attributeValueCharacters = 800
    static let nameCharacters = 128
    /// Items of one page of a listing.
    static let pageSize = 250
    /// Items of a page when the caller names no size.
    static let defaultPageSize = 50
}
