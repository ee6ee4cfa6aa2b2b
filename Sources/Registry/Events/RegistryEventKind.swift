/// What can be announced, by the keys of UpdateEventConfigurations.
enum RegistryEventKind: String, Sendable, Hashable, CaseIterable {
    case thing = "THING"
    case thingGroup = "THING_GROUP"
    case thingType = "THING_TYPE"
    case thingGroupMembership = "THING_GROUP_MEMBERSHIP"
    case thingGroupHierarchy = "THING_GROUP_HIERARCHY"
    case thingTypeAssociation = "THING_TYPE_ASSOCIATION"
    case job = "JOB"
    case jobExecution = "JOB_EXECUTION"
    case policy = "POLICY"
    case certificate = "CERTIFICATE"
    case caCertificate = "CA_CERTIFICATE"
}
