/// Where an operation is found: its service and its name, and for REST-JSON its method and path.
package struct OperationRoute: Sendable, Hashable {
    package let service: AWSService
    /// As in the service model ("CreateThing").
    package let name: String
    /// Upper case; POST for the JSON and query protocols.
    package let method: String
    /// For instance `/things/{thingName}`. `{name+}` at the end takes the rest of the path, slashes included.
    package let path: String
    /// The status of a success.
    package let status: Int
    /// Whether a device may call it with its certificate instead of a signature.
    package let acceptsCertificate: Bool
    /// Whether anybody may call it without a signature: for operations whose input holds a secret of its own. REST only.
    package let acceptsUnsigned: Bool

    /// A REST-JSON operation.
    package init(
        _ service: AWSService, _ name: String, _ method: String, _ path: String, status: Int = 200, acceptsCertificate: Bool = false,
        acceptsUnsigned: Bool = false
    ) {
        self.service = service
        self.name = name
        self.method = method
        self.path = path
        self.status = status
        self.acceptsCertificate = acceptsCertificate
        self.acceptsUnsigned = acceptsUnsigned
    }

    /// An operation of a service whose requests name it in a header (JSON) or in a parameter (query).
    package init(_ service: AWSService, _ name: String) {
        self.init(service, name, "POST", "/")
    }
}
