import AWSAPI
import JSON
import Storage

struct DescribeEventConfigurations: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeEventConfigurations", "GET", "/event-configurations")

    let registry: RegistryService

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> JSONObject {
        let current = try await self.registry.store.read { try EventConfigurations.load($0) }
        var result: JSONObject = [
            "eventConfigurations": .object(
                JSONObject(
                    RegistryEventKind.allCases.map { kind in
                        (kind.rawValue, JSONValue.object(["Enabled": .bool(current.enabled.contains(kind))]))
                    }))
        ]
        result["creationDate"] = current.createdAt.map(JSONValue.seconds)
        result["lastModifiedDate"] = current.modifiedAt.map(JSONValue.seconds)
        return result
    }
}

/// Kinds that are not named stay as they are.
struct UpdateEventConfigurations: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateEventConfigurations", "PATCH", "/event-configurations")

    let registry: RegistryService

    struct Input: OperationDecodable {
        /// Whether a kind is announced from now on.
        let changes: [RegistryEventKind: Bool]

        init(_ input: OperationInput) throws {
            var changes: [RegistryEventKind: Bool] = [:]
            for (name, value) in try input.optionalObject("eventConfigurations") ?? [:] {
                guard let kind = RegistryEventKind(rawValue: name) else {
                    let kinds = RegistryEventKind.allCases.map(\.rawValue).sorted().joined(separator: ", ")
                    throw AWSError.constraint(
                        "Map keys must satisfy constraint: [Member must satisfy enum value set: [\(kinds)]]",
                        value: "'\(name.prefix(256))'", at: "eventConfigurations")
                }
                guard let object = value.objectValue else {
                    throw AWSError.invalidRequest("The value of 'eventConfigurations.\(name)' must be an object")
                }
                changes[kind] = try OperationInput.nested(object).bool("Enabled")
            }
            self.changes = changes
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let registry = self.registry
        let now = registry.clock()
        try await registry.changeEvents { connection in
            var current = try EventConfigurations.load(connection)
            for (kind, isEnabled) in input.changes {
                if isEnabled { current.enabled.insert(kind) } else { current.enabled.remove(kind) }
            }
            current.createdAt = current.createdAt ?? now
            current.modifiedAt = now
            try current.save(connection)
            return current
        }
        return EmptyOutput()
    }
}
