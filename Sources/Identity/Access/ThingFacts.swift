/// What policies may ask of a thing, and what the messages of its device are told with.
package struct ThingFacts: Sendable, Hashable {
    /// A user property that messages get, and where its value is from.
    package struct Propagation: Sendable, Hashable {
        package enum Source: Sendable, Hashable {
            /// By its name. A thing without the attribute has nothing to add.
            case thingAttribute(String)
            /// The client id of the connection.
            case clientID
            case thingName
        }

        package var key: String
        package var source: Source

        package init(key: String, source: Source) {
            self.key = key
            self.source = source
        }
    }

    package var name: String
    package var typeName: String?
    package var attributes: [String: String]
    /// Of its type.
    package var propagations: [Propagation]

    package init(name: String, typeName: String? = nil, attributes: [String: String] = [:], propagations: [Propagation] = []) {
        self.name = name
        self.typeName = typeName
        self.attributes = attributes
        self.propagations = propagations
    }

    /// The user properties of each message that the thing publishes as this client, in the order of its type.
    func userProperties(clientID: String?) -> [UserProperty] {
        self.propagations.compactMap { propagation in
            let value: String? =
                switch propagation.source {
                case .thingAttribute(let name): self.attributes[name]
                case .clientID: clientID
                case .thingName: self.name
                }
            return value.map { UserProperty(name: propagation.key, value: $0) }
        }
    }
}

/// A user property of a message (MQTT 5.0 §3.3.2.3.7).
package struct UserProperty: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
