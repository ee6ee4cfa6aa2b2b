/// The facts of a connection or request that policies can ask for. What is nil is unknown: a statement that needs it does not match.
package struct PolicyContext: Sendable {
    /// The registry's thing that the connection acts as: the one whose name equals the client id and which has the principal attached,
    /// or the principal's exclusive thing.
    package struct Thing: Sendable, Hashable {
        package var name: String
        package var typeName: String?
        package var attributes: [String: String]

        package init(name: String, typeName: String? = nil, attributes: [String: String] = [:]) {
            self.name = name
            self.typeName = typeName
            self.attributes = attributes
        }
    }

    /// What a CONNECT asks for (`iot:ConnectAttributes`).
    package enum ConnectAttribute: String, Sendable, Hashable {
        case persistentConnect = "PersistentConnect"
        case lastWill = "LastWill"
    }

    /// `iot:ClientId`.
    package var clientID: String?
    /// `aws:SourceIp`: IPv4 or IPv6 in text.
    package var sourceIP: String?
    /// `iot:DomainName`: the name that the client asked for in TLS.
    package var domainName: String?
    /// `iot:CertificateId`: 64 hexadecimal digits.
    package var certificateID: String?
    package var certificate: CertificateAttributes?
    package var thing: Thing?
    /// `iot:Connection.Thing.IsAttached`; nil where things are unknown (HTTP).
    package var isThingAttached: Bool?
    /// Nil outside CONNECT.
    package var connectAttributes: [ConnectAttribute]?
    /// The will's topic; nil outside CONNECT and without a will.
    package var lastWillTopic: String?
    /// `aws:SecureTransport`.
    package var isSecureTransport: Bool?
    package var userAgent: String?
    /// Values of other keys by lower-case name, such as `cognito-identity.amazonaws.com:sub` or `credentials-iot:thingname`.
    package var additional: [String: [String]]
    /// Milliseconds since 1970 (UTC), asked only when a policy asks for the time.
    package var now: @Sendable () -> Int64

    package init(
        clientID: String? = nil, sourceIP: String? = nil, domainName: String? = nil, certificateID: String? = nil,
        certificate: CertificateAttributes? = nil, thing: Thing? = nil, isThingAttached: Bool? = nil,
        connectAttributes: [ConnectAttribute]? = nil, lastWillTopic: String? = nil, isSecureTransport: Bool? = nil,
        userAgent: String? = nil,
        additional: [String: [String]] = [:], now: @escaping @Sendable () -> Int64 = PolicyDate.systemTime
    ) {
        self.clientID = clientID
        self.sourceIP = sourceIP
        self.domainName = domainName
        self.certificateID = certificateID
        self.certificate = certificate
        self.thing = thing
        self.isThingAttached = isThingAttached
        self.connectAttributes = connectAttributes
        self.lastWillTopic = lastWillTopic
        self.isSecureTransport = isSecureTransport
        self.userAgent = userAgent
        self.additional = additional
        self.now = now
    }
}
