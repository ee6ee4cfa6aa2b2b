import Identity
import Testing

/// Every variable of the reference, put in place of `${…}` and asked for in conditions.
@Suite struct PolicyVariableTests {
    static let context = PolicyContext(
        clientID: "dev-1", sourceIP: "192.0.2.7", domainName: "iot.example.com", certificateID: String(repeating: "ab", count: 32),
        certificate: CertificateAttributes(
            subject: CertificateAttributes.Party(
                names: [
                    .commonName: ["first", "second"], .organizationalUnit: ["1", "2", "3", "4", "5", "6"], .country: ["US"],
                    .title: ["a*b"],
                    .surname: [String(repeating: "s", count: 1025)], .givenName: [String(repeating: "g", count: 1024)], .pseudonym: ["p+"],
                    .initials: [],
                ], alternativeNames: [.dnsName: ["a.example.com", "b.example.com"], .ipAddress: ["192.0.2.1"]]),
            issuer: CertificateAttributes.Party(names: [.organization: ["Acme"]], alternativeNames: [.rfc822Name: ["ca@example.com"]]),
            serialNumber: "10525622389124227206"),
        thing: PolicyContext.Thing(name: "thing-1", typeName: "lamp", attributes: ["site": "north", "Case": "x", "wild": "*"]),
        isThingAttached: true,
        connectAttributes: [.lastWill], lastWillTopic: "will/topic", isSecureTransport: true, userAgent: "agent",
        additional: [
            "cognito-identity.amazonaws.com:sub": ["us-east-1:uuid"], "credentials-iot:thingname": ["thing-2"], "many": ["a", "b"],
        ],
        now: { 1_700_000_000_000 })

    @Test(
        arguments: [
            ("iot:ClientId", "dev-1"), ("IOT:CLIENTID", "dev-1"), ("aws:SourceIp", "192.0.2.7"), ("iot:DomainName", "iot.example.com"),
            ("iot:CertificateId", String(repeating: "ab", count: 32)), ("iot:Connection.Thing.ThingName", "thing-1"),
            ("iot:Thing.ThingName", "thing-1"),
            ("iot:Connection.Thing.ThingTypeName", "lamp"), ("iot:Connection.Thing.Attributes[site]", "north"),
            ("iot:connection.thing.attributes[Case]", "x"), ("iot:Connection.Thing.Attributes[case]", nil),
            ("iot:Connection.Thing.Attributes[none]", nil),
            ("iot:Connection.Thing.Attributes[]", nil), ("iot:Connection.Thing.IsAttached", "true"), ("iot:LastWillTopic", "will/topic"),
            ("iot:ConnectAttributes", nil), ("iot:Certificate.Subject.CommonName", "first"),
            ("iot:Certificate.Subject.CommonName.0", "first"),
            ("iot:Certificate.Subject.CommonName.1", "second"), ("iot:Certificate.Subject.CommonName.2", nil),
            ("iot:Certificate.Subject.CommonName.List", nil), ("iot:Certificate.Subject.CommonName.-1", nil),
            ("iot:Certificate.Subject.CommonName.x", nil),
            ("iot:Certificate.Subject.CommonName.1.1", nil), ("iot:Certificate.Subject.CommonName.99999999999999999999", nil),
            ("iot:Certificate.Subject.OrganizationalUnit.4", "5"), ("iot:Certificate.Subject.OrganizationalUnit.5", nil),
            ("iot:Certificate.Subject.Country", "US"), ("iot:Certificate.Subject.Initials", nil), ("iot:Certificate.Subject.Unknown", nil),
            // Values with a wildcard or over 1,024 characters are not put in.
            ("iot:Certificate.Subject.Title", nil), ("iot:Certificate.Subject.Pseudonym", nil), ("iot:Certificate.Subject.Surname", nil),
            ("iot:Certificate.Subject.GivenName", String(repeating: "g", count: 1024)), ("iot:Certificate.Issuer.Organization", "Acme"),
            ("iot:Certificate.Issuer.CommonName", nil), ("iot:Certificate.Subject.AlternativeName.DNSName", "a.example.com"),
            ("iot:Certificate.Subject.AlternativeName.DNSName.1", "b.example.com"),
            ("iot:Certificate.Subject.AlternativeName.IPAddress", "192.0.2.1"),
            ("iot:Certificate.Issuer.AlternativeName.RFC822Name", "ca@example.com"),
            ("iot:Certificate.Subject.AlternativeName.DirectoryName", nil),
            ("iot:Certificate.Subject.AlternativeName", nil), ("iot:Certificate.Subject", nil), ("iot:Certificate.Owner.CommonName", nil),
            ("iot:Certificate.SerialNumber", "10525622389124227206"), ("iot:Certificate.AvailableKeys", nil),
            ("cognito-identity.amazonaws.com:sub", "us-east-1:uuid"), ("credentials-iot:ThingName", "thing-2"), ("many", nil),
            ("aws:UserAgent", "agent"),
            ("aws:SecureTransport", "true"), ("aws:CurrentTime", "2023-11-14T22:13:20Z"), ("aws:EpochTime", "1700000000"),
            ("aws:Unknown", nil),
        ] as [(String, String?)]) func isPutInPlace(name: String, value: String?) throws
    {
        let set = PolicyFixture.set(try PolicyFixture.document(resource: ["topic/a/${\(name)}/z"]))
        let resource = "topic/a/\(value ?? "anything")/z"
        #expect(set.allows(.publish, resource, Self.context) == (value != nil))
        #expect(!set.allows(.publish, "topic/a/other/z", Self.context))
        if value == nil {
            #expect(set.missing(.publish, resource, Self.context) == [name])
            // What stays is not text either.
            #expect(!set.allows(.publish, "topic/a/${\(name)}/z", Self.context))
        }
    }

    /// A connection that brings nothing has none of them.
    @Test(arguments: [
        "iot:ClientId", "aws:SourceIp", "iot:DomainName", "iot:CertificateId", "iot:Connection.Thing.ThingName",
        "iot:Connection.Thing.ThingTypeName",
        "iot:Connection.Thing.Attributes[a]", "iot:Connection.Thing.IsAttached", "iot:ConnectAttributes", "iot:LastWillTopic",
        "iot:Certificate.Subject.CommonName", "iot:Certificate.Issuer.AlternativeName.DNSName", "iot:Certificate.SerialNumber",
        "iot:Certificate.AvailableKeys", "cognito-identity.amazonaws.com:sub", "credentials-iot:ThingName", "aws:SecureTransport",
        "aws:UserAgent",
    ]) func isReportedWhenUnknown(name: String) throws {
        let set = PolicyFixture.set(try PolicyFixture.document(resource: ["topic/${\(name)}"]))
        #expect(set.missing(.publish, "topic/x") == [name])
        let conditional = PolicyFixture.set(try PolicyFixture.document(condition: #"{"StringLike":{"\#(name)":"*"}}"#))
        #expect(conditional.missing(.publish, "topic/x") == [name])
        let null = PolicyFixture.set(try PolicyFixture.document(condition: #"{"Null":{"\#(name)":"true"}}"#))
        #expect(null.allows(.publish, "topic/x"))
    }

    @Test func valuesAreInsertedLiterally() throws {
        let set = PolicyFixture.set(try PolicyFixture.document(action: "iot:Subscribe", resource: ["topicfilter/my/${iot:ClientId}/x"]))
        #expect(set.allows(.subscribe, "topicfilter/my/+/x", PolicyContext(clientID: "+")))
        #expect(set.allows(.subscribe, "topicfilter/my/*/x", PolicyContext(clientID: "*")))
        #expect(!set.allows(.subscribe, "topicfilter/my/a/x", PolicyContext(clientID: "*")))
        #expect(!set.allows(.subscribe, "topicfilter/my/a/x", PolicyContext(clientID: "?")))
        #expect(set.allows(.subscribe, "topicfilter/my/${iot:ClientId}/x", PolicyContext(clientID: "${iot:ClientId}")))
        #expect(set.allows(.subscribe, "topicfilter/my//x", PolicyContext(clientID: "")))
        let attribute = PolicyFixture.set(try PolicyFixture.document(resource: ["topic/${iot:Connection.Thing.Attributes[wild]}"]))
        #expect(attribute.allows(.publish, "topic/*", Self.context))
        #expect(!attribute.allows(.publish, "topic/x", Self.context))
    }

    @Test func severalVariablesAndWildcardsWorkTogether() throws {
        let set = PolicyFixture.set(
            try PolicyFixture.document(resource: ["topic/*/${iot:ClientId}/?/${iot:Connection.Thing.ThingName}*", "topic/${iot:ClientId}"]))
        #expect(set.allows(.publish, "topic/a/dev-1/b/dev-1/x/thing-1/more", Self.context))
        #expect(set.allows(.publish, "topic/dev-1", Self.context))
        #expect(!set.allows(.publish, "topic/a/dev-1/xy/thing-1", Self.context))
        #expect(!set.allows(.publish, "topic/a/dev-2/x/thing-1", Self.context))
    }

    @Test func defaultsStandInForUnknownValues() throws {
        let set = PolicyFixture.set(try PolicyFixture.document(resource: ["topic/${iot:Connection.Thing.Attributes[site], 'nowhere'}/x"]))
        #expect(set.allows(.publish, "topic/north/x", Self.context))
        #expect(set.allows(.publish, "topic/nowhere/x"))
        #expect(!set.allows(.publish, "topic/nowhere/x", Self.context))
    }

    /// Only what would have mattered is reported, each name once and in order.
    @Test func onlyVariablesThatMatterAreReported() throws {
        let set = PolicyFixture.set(
            try PolicyFixture.document(resource: [
                "topic/other/${iot:DomainName}", "topic/a/${iot:ClientId}/${aws:UserAgent}", "topic/a/${iot:ClientId}/*",
                "topic/${iot:CertificateId}/x",
            ]), try PolicyFixture.document(action: "iot:Connect", resource: ["client/${iot:Certificate.SerialNumber}"]))
        #expect(set.missing(.publish, "topic/a/b/c") == ["iot:ClientId", "aws:UserAgent"])
        #expect(set.missing(.publish, "topic/b/x") == ["iot:CertificateId"])
        #expect(set.missing(.publish, "topic/b/y") == [])
        #expect(set.missing(.connect, "client/x") == ["iot:Certificate.SerialNumber"])
        #expect(set.missing(.subscribe, "topicfilter/x") == [])
    }
}
