import Identity
import Testing

/// The condition operators of IAM, one row each way.
@Suite struct PolicyConditionTests {
    private func holds(_ condition: String, _ values: [String: [String]]) throws -> Bool {
        PolicyFixture.set(try PolicyFixture.document(condition: condition)).allows(.publish, "topic/x", PolicyContext(additional: values))
    }

    /// Operator, values of the policy, value of the request.
    @Test(
        arguments: [
            ("StringEquals", ["a", "b"], "b", true), ("StringEquals", ["a"], "A", false), ("StringEquals", ["a*"], "ab", false),
            ("StringEquals", ["a*"], "a*", true),
            ("StringEquals", [], "a", false), ("StringEquals", ["\u{E9}"], "e\u{301}", false), ("StringNotEquals", ["a", "b"], "c", true),
            ("StringNotEquals", ["a", "b"], "b", false), ("StringNotEquals", [], "a", true), ("StringEqualsIgnoreCase", ["aÄ"], "Aä", true),
            ("StringEqualsIgnoreCase", ["a"], "b", false), ("StringNotEqualsIgnoreCase", ["a"], "A", false),
            ("StringLike", ["a*", "?z"], "yz", true),
            ("StringLike", ["a*"], "A", false), ("StringLike", ["a?c"], "abc", true), ("StringNotLike", ["a*"], "b", true),
            ("StringNotLike", ["a*"], "ab", false),
            ("NumericEquals", ["10"], "1e1", true), ("NumericEquals", ["10", "11"], "11.0", true), ("NumericEquals", ["10"], "10.1", false),
            ("NumericEquals", ["10"], "ten", false), ("NumericNotEquals", ["10"], "11", true), ("NumericNotEquals", ["10"], "10", false),
            ("NumericNotEquals", ["10"], "ten", false), ("NumericLessThan", ["10"], "9.99", true), ("NumericLessThan", ["10"], "10", false),
            ("NumericLessThanEquals", ["10"], "10", true), ("NumericGreaterThan", ["10"], "10.01", true),
            ("NumericGreaterThan", ["10"], "10", false),
            ("NumericGreaterThanEquals", ["10"], "10", true), ("NumericGreaterThanEquals", ["10"], "9", false),
            ("DateEquals", ["2024-02-29T12:00:00Z"], "2024-02-29T13:00:00+01:00", true), ("DateEquals", ["2024-02-29"], "1709164800", true),
            ("DateEquals", ["2024-02"], "2024-02-01T00:00Z", true), ("DateNotEquals", ["2024-02-29"], "2024-02-28", true),
            ("DateLessThan", ["2024-02-29T12:00:00.500Z"], "2024-02-29T12:00:00.499Z", true),
            ("DateLessThan", ["2024-02-29"], "2024-02-29", false),
            ("DateLessThanEquals", ["2024-02-29"], "2024-02-29", true), ("DateGreaterThan", ["1969-12-31T23:59:59Z"], "0", true),
            ("DateGreaterThan", ["2024-02-29"], "2024-02-29", false), ("DateGreaterThanEquals", ["2024-02-29"], "2024-02-29", true),
            ("DateGreaterThan", ["2000-01-01"], "never", false), ("DateEquals", ["1600-03-01"], "1600-02-29T24:00:00Z", false),
            ("Bool", ["true"], "true", true), ("Bool", ["true"], "TRUE", true), ("Bool", ["false"], "true", false),
            ("Bool", ["true"], "yes", false),
            ("BinaryEquals", ["QmluYXJ5"], "QmluYXJ5", true), ("BinaryEquals", ["QmluYXJ5"], "qmluYXJ5", false),
            ("IpAddress", ["10.0.0.0/8"], "10.255.0.1", true), ("IpAddress", ["10.0.0.0/8"], "11.0.0.1", false),
            ("IpAddress", ["10.1.2.3/8"], "10.0.0.1", true),
            ("IpAddress", ["192.0.2.1"], "192.0.2.1", true), ("IpAddress", ["192.0.2.1"], "192.0.2.2", false),
            ("IpAddress", ["0.0.0.0/0"], "1.2.3.4", true),
            ("IpAddress", ["0.0.0.0/0"], "2001:db8::1", false), ("IpAddress", ["2001:db8::/32"], "2001:db8:ffff::1", true),
            ("IpAddress", ["2001:db8::/32"], "2001:db9::1", false), ("IpAddress", ["::1"], "::1", true),
            ("IpAddress", ["::/0"], "2001:db8::1", true),
            ("IpAddress", ["fe80::/10"], "fe80::1%eth0", true), ("IpAddress", ["10.0.0.0/8"], "::ffff:10.0.0.1", true),
            ("IpAddress", ["10.0.0.0/8"], "host", false),
            ("NotIpAddress", ["10.0.0.0/8"], "11.0.0.1", true), ("NotIpAddress", ["10.0.0.0/8"], "10.0.0.1", false),
            ("NotIpAddress", ["10.0.0.0/8"], "host", false),
            ("ArnEquals", ["arn:aws:iot:*:1:topic/*"], "arn:aws:iot:eu-west-1:1:topic/a:b", true),
            ("ArnLike", ["arn:aws:iot:*:1:topic/?"], "arn:aws:iot:r:1:topic/ab", false),
            // A wildcard ends at a colon, except in the resource.
            ("ArnLike", ["arn:aws:*:1:topic/x:y"], "arn:aws:iot:r:1:topic/x:y", false),
            ("ArnLike", ["arn:aws:*:r:1:x"], "arn:aws:iot:r:1:x", true),
            ("ArnLike", ["*"], "arn:aws:iot:r:1:x", true), ("ArnLike", ["*"], "no arn", false),
            ("ArnNotEquals", ["arn:aws:iot:r:1:x"], "arn:aws:iot:r:1:y", true),
            ("ArnNotLike", ["arn:aws:iot:r:1:*"], "arn:aws:iot:r:1:y", false), ("ArnNotEquals", ["arn:aws:iot:r:1:x"], "no arn", false),
            ("Null", ["true"], "x", false), ("Null", ["false"], "x", true), ("Null", ["true", "false"], "x", true),
            ("StringEqualsIfExists", ["a"], "b", false),
            ("NotIpAddressIfExists", ["10.0.0.0/8"], "10.0.0.1", false),
        ] as [(String, [String], String, Bool)]) func comparesOneValue(test: String, wanted: [String], actual: String, isHeld: Bool) throws
    {
        let list = "[" + wanted.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        #expect(try self.holds(#"{"\#(test)":{"x:Key":\#(list)}}"#, ["x:key": [actual]]) == isHeld)
    }

    /// Operator and whether it holds when the key is missing.
    @Test(arguments: [
        ("StringEquals", false), ("StringNotEquals", true), ("StringLike", false), ("StringNotLike", true), ("ArnLike", false),
        ("ArnNotLike", true),
        ("StringEqualsIfExists", true), ("StringNotEqualsIfExists", true), ("ArnLikeIfExists", true), ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false), ("ForAnyValue:StringNotEquals", false), ("ForAllValues:StringNotEquals", true),
        ("ForAnyValue:StringEqualsIfExists", true),
    ]) func missingKeysHoldForNegationsOnly(test: String, isHeld: Bool) throws {
        #expect(try self.holds(#"{"\#(test)":{"x:key":"arn:a:b:c:d:e"}}"#, [:]) == isHeld)
        #expect(try self.holds(#"{"\#(test)":{"x:key":"arn:a:b:c:d:e"}}"#, ["x:key": []]) == isHeld)
    }

    @Test(arguments: [
        ("NumericLessThan", "1"), ("DateLessThan", "2024-01-01"), ("Bool", "true"), ("IpAddress", "::1"), ("NotIpAddress", "::1"),
    ])
    func missingKeysOfOtherKinds(test: String, value: String) throws {
        #expect(try self.holds(#"{"\#(test)":{"x:key":"\#(value)"}}"#, [:]) == (test == "NotIpAddress"))
        #expect(try self.holds(#"{"\#(test)IfExists":{"x:key":"\#(value)"}}"#, [:]))
    }

    /// Quantifier and operator, values of the request.
    @Test(
        arguments: [
            ("ForAllValues:StringEquals", ["a"], true), ("ForAllValues:StringEquals", ["a", "b"], true),
            ("ForAllValues:StringEquals", ["a", "c"], false),
            ("ForAnyValue:StringEquals", ["a", "c"], true), ("ForAnyValue:StringEquals", ["c", "d"], false),
            ("ForAllValues:StringNotEquals", ["c", "d"], true),
            ("ForAllValues:StringNotEquals", ["c", "a"], false), ("ForAnyValue:StringNotEquals", ["c", "a"], true),
            ("ForAnyValue:StringNotEquals", ["a", "b"], false),
            ("ForAnyValue:StringLike", ["x", "b"], true), ("ForAllValues:StringLikeIfExists", ["x"], false),
            ("StringEquals", ["c", "a"], true),
            ("StringEquals", ["c", "d"], false), ("StringNotEquals", ["c", "a"], false), ("StringNotEquals", ["c", "d"], true),
        ] as [(String, [String], Bool)]) func comparesSeveralValues(test: String, actual: [String], isHeld: Bool) throws
    {
        #expect(try self.holds(#"{"\#(test)":{"x:key":["a","b"]}}"#, ["x:key": actual]) == isHeld)
    }

    @Test func allConditionsMustHold() throws {
        let condition = #"{"StringEquals":{"a":"1","b":"2"},"StringLike":{"c":"3*"}}"#
        #expect(try self.holds(condition, ["a": ["1"], "b": ["2"], "c": ["34"]]))
        #expect(try !self.holds(condition, ["a": ["1"], "b": ["x"], "c": ["34"]]))
        #expect(try !self.holds(condition, ["a": ["1"], "b": ["2"], "c": ["4"]]))
        #expect(try self.holds("{}", [:]))
    }

    @Test func conditionKeysAreTheVariables() throws {
        let context = PolicyVariableTests.context
        for condition in [
            #"{"Bool":{"iot:Connection.Thing.IsAttached":["true"]}}"#, #"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#,
            #"{"ForAllValues:StringEquals":{"iot:ConnectAttributes":["PersistentConnect","LastWill"]}}"#,
            #"{"ForAnyValue:StringEquals":{"iot:ConnectAttributes":["LastWill"]}}"#,
            #"{"StringEquals":{"iot:LastWillTopic":"will/topic"}}"#,
            #"{"ForAnyValue:StringEquals":{"iot:Certificate.Subject.OrganizationalUnit.List":"5"}}"#,
            #"{"ForAnyValue:StringEquals":{"iot:Certificate.AvailableKeys":"iot:Certificate.Subject.AlternativeName.DNSName"}}"#,
            #"{"ForAnyValue:StringEquals":{"iot:Certificate.AvailableKeys":"iot:Certificate.SerialNumber"}}"#,
            #"{"Null":{"iot:Certificate.SerialNumber":"false","iot:Certificate.Subject.CommonName":"false"}}"#,
            #"{"StringEquals":{"iot:ClientId":"${iot:ClientId}"},"StringLike":{"iot:Connection.Thing.ThingName":"thing-*"}}"#,
            #"{"DateGreaterThan":{"aws:CurrentTime":"2023-11-14T22:13:19Z"},"DateLessThan":{"aws:EpochTime":"2023-11-14T22:13:21Z"}}"#,
            #"{"NumericEquals":{"aws:EpochTime":1700000000},"Bool":{"aws:SecureTransport":true}}"#,
            #"{"StringEquals":{"iot:Certificate.Subject.Title":"a*b"}}"#,
        ] {
            #expect(
                PolicyFixture.set(try PolicyFixture.document(condition: condition)).allows(.publish, "topic/x", context), "\(condition)")
        }
        for condition in [
            #"{"ForAnyValue:StringEquals":{"iot:ConnectAttributes":["PersistentConnect"]}}"#,
            #"{"ForAnyValue:StringEquals":{"iot:Certificate.Subject.OrganizationalUnit.List":"6"}}"#,
            #"{"ForAnyValue:StringEquals":{"iot:Certificate.AvailableKeys":"iot:Certificate.Subject.Initials"}}"#,
            #"{"Null":{"iot:Certificate.Issuer.CommonName":"false"}}"#, #"{"DateLessThan":{"aws:CurrentTime":"2023-11-14T22:13:20Z"}}"#,
            #"{"StringLike":{"iot:Certificate.Subject.Surname":"*"}}"#,
        ] {
            #expect(
                !PolicyFixture.set(try PolicyFixture.document(condition: condition)).allows(.publish, "topic/x", context), "\(condition)")
        }
    }

    /// An unknown variable in a value satisfies neither an operator nor its negation, and is reported.
    @Test func unknownVariablesInValuesDoNotHold() throws {
        for test in ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"] {
            let set = PolicyFixture.set(
                try PolicyFixture.document(condition: #"{"\#(test)":{"iot:ClientId":"${iot:Connection.Thing.ThingName}"}}"#))
            #expect(set.missing(.publish, "topic/x", PolicyContext(clientID: "c")) == ["iot:Connection.Thing.ThingName"], "\(test)")
        }
        let set = PolicyFixture.set(try PolicyFixture.document(condition: #"{"StringEquals":{"iot:ClientId":["${aws:UserAgent}","c"]}}"#))
        #expect(set.allows(.publish, "topic/x", PolicyContext(clientID: "c")))
        let arn = PolicyFixture.set(try PolicyFixture.document(condition: #"{"ArnEquals":{"k":"arn:aws:iot:r:1:thing/${iot:ClientId}"}}"#))
        #expect(arn.allows(.publish, "topic/x", PolicyContext(clientID: "c", additional: ["k": ["arn:aws:iot:r:1:thing/c"]])))
        #expect(arn.missing(.publish, "topic/x", PolicyContext(additional: ["k": ["arn:aws:iot:r:1:thing/c"]])) == ["iot:ClientId"])
    }

    /// Dates that do not exist and forms that are not ISO 8601.
    @Test(arguments: [
        "2023-02-29", "2024-02-30", "2024-13-01", "2024-00-01", "2024-01-00", "2024-01-01T24:00Z", "2024-01-01T00:60Z",
        "2024-01-01T00:00:61Z", "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00+", "2024-01-01T00:00:00+1", "2024-1-1", "24-01-01", "2024-01-01T", "2024-01-01 00:00", "2024-01-01T00:00:00ZZ",
        "-1", "1.5",
        "9999999999999999", "",
    ]) func wrongDatesAreRefused(date: String) {
        #expect(throws: PolicyError.self) { try PolicyFixture.document(condition: #"{"DateEquals":{"a":"\#(date)"}}"#) }
    }

    @Test(arguments: [
        "", "10.0.0", "10.0.0.256", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "::1/129", "10.0.0.0/8/8", "1::2::3", "host", "10.0.0.0 ",
    ])
    func wrongAddressesAreRefused(address: String) {
        #expect(throws: PolicyError.self) { try PolicyFixture.document(condition: #"{"IpAddress":{"a":"\#(address)"}}"#) }
    }
}
