/// The fields that are always there when their source is indexed (AWS IoT Developer Guide, managing thing indexing). They can be
/// aggregated without being named as custom fields.
extension IndexConfiguration {
    var managedFields: [Field] {
        guard self.thingMode != .off else { return [] }
        var fields = [
            Field(name: "thingId", type: .string), Field(name: "thingName", type: .string), Field(name: "registry.version", type: .number),
            Field(name: "registry.thingTypeName", type: .string), Field(name: "registry.thingGroupNames", type: .string),
        ]
        if self.wants(.shadow) {
            fields += [Field(name: "shadow.version", type: .number), Field(name: "shadow.hasDelta", type: .boolean)]
        }
        if self.indexesNamedShadows {
            fields += [Field(name: "shadow.name.*.version", type: .number), Field(name: "shadow.name.*.hasDelta", type: .boolean)]
        }
        if self.indexesConnectivity {
            fields += [
                Field(name: "connectivity.timestamp", type: .number), Field(name: "connectivity.version", type: .number),
                Field(name: "connectivity.connected", type: .boolean), Field(name: "connectivity.disconnectReason", type: .string),
            ]
        }
        return fields
    }

    var groupManagedFields: [Field] {
        guard self.indexesGroups else { return [] }
        return [
            Field(name: "thingGroupId", type: .string), Field(name: "thingGroupName", type: .string),
            Field(name: "parentGroupNames", type: .string), Field(name: "description", type: .string),
            Field(name: "version", type: .number),
        ]
    }

    /// The type by which a field can be aggregated; nil for one that is neither managed nor custom.
    func aggregationType(of name: String, in domain: IndexDomain) -> FieldType? {
        let fields = domain == .things ? self.managedFields + self.customFields : self.groupManagedFields + self.groupCustomFields
        let asked = name == "thingTypeName" || name == "thingGroupNames" ? "registry.\(name)" : name
        return fields.first { $0.name == asked || Self.matches($0.name, asked) }?.type
    }

    /// A `*` stands for the name of a shadow.
    private static func matches(_ pattern: String, _ name: String) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return false }
        let suffix = pattern[pattern.index(after: star)...]
        return name.hasPrefix(pattern[..<star]) && name.hasSuffix(suffix) && name.count > pattern.count - 1
    }
}
