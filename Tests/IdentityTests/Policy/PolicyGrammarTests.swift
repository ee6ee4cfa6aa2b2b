import Identity
import Testing

/// Which texts are policy documents, and what is said about the others.
@Suite struct PolicyGrammarTests {
    @Test(arguments: [
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}"#,
        #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Publish","Resource":"*"}}"#,
        #"{"Version":"2008-10-17","Statement":{"Effect":"Deny","Action":["*"],"Resource":["*"]}}"#,
        #"{"Id":"x","Statement":{"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*","Condition":{}}}"#,
        #"{"Statement":[{"Effect":"Allow","NotAction":["iot:Connect"],"NotResource":"arn:aws:iot:*:*:topic/x"}]}"#,
        #"{"Statement":[{"Effect":"Allow","Action":["greengrass:Discover","iotjobsdata:Get*","a4b:?"],"Resource":"arn:*:*:*:*:*"}]}"#,
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:iot:us-east-1:1:topic/${iot:ClientId}/${*}/$x/{y}"}]}"#,
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:${a:b}:iot:us-east-1:1:topic/${ x:y , 'z' }"}]}"#,
        #"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:iot:us-east-1:1:topic/${unclosed"}]}"#,
        #"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"x":[1,2.5]}}}]}"#,
        #"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringLikeIfExists":{"x":[]}}}]}"#,
    ]) func accepts(text: String) throws {
        #expect(try PolicyDocument(parsing: text).text == text)
    }

    @Test(
        arguments: [
            ("", "the text ends inside a value at line 1, column 1"),
            ("doc", "unexpected 'd', expected a value at line 1, column 1"),
            ("\"doc\"", "the document: must be an object, not a string"),
            ("[]", "the document: must be an object, not an array"),
            ("{}", "the document has no Statement"),
            (#"{"Statement":[]}"#, "Statement: must have at least one statement"),
            (#"{"Statement":"x"}"#, "Statement: must be an object, not a string"),
            (#"{"Statement":[1]}"#, "Statement[0]: must be an object, not a number"),
            (#"{"Statement":null}"#, "Statement: must be an object, not null"),
            (#"{"Version":"2012-10-18","Statement":[]}"#, #"Version: must be "2012-10-17" or "2008-10-17", not "2012-10-18""#),
            (#"{"Version":2012,"Statement":[]}"#, #"Version: must be "2012-10-17" or "2008-10-17", not 2012"#),
            (#"{"Id":1,"Statement":[]}"#, "Id: must be a string, not a number"),
            (#"{"version":"2012-10-17"}"#, #"the document: "version" is not an element of it; there are Id, Statement, Version"#),
            (#"{"Statement":{},"Statement":{}}"#, "the key \"Statement\" comes twice at line 1, column 17"),
            (#"{"Statement":{"Action":"*","Resource":"*"}}"#, "Statement: has no Effect"),
            (
                #"{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}"#,
                #"Statement.Effect: must be "Allow" or "Deny", not "allow""#
            ),
            (#"{"Statement":{"Effect":"Allow","Resource":"*"}}"#, "Statement: has neither Action nor NotAction"),
            (#"{"Statement":{"Effect":"Allow","Action":"*"}}"#, "Statement: has neither Resource nor NotResource"),
            (#"{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}"#, "Statement: has both Action and NotAction"),
            (#"{"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}"#, "Statement.Action: must not be empty"),
            (
                #"{"Statement":{"Effect":"Allow","Action":[1],"Resource":"*"}}"#,
                "Statement.Action: must be a string or an array of strings, not a number"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":{},"Resource":"*"}}"#,
                "Statement.Action: must be a string or an array of strings, not an object"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"iot: *","Resource":"*"}}"#,
                #"Statement.Action: the action "iot: *" is not valid; write "*" or a service and a name, such as "iot:Publish""#
            ),
            (
                #"{"Statement":{"Effect":"Allow","NotAction":"Publish","Resource":"*"}}"#,
                #"Statement.NotAction: the action "Publish" is not valid; write "*" or a service and a name, such as "iot:Publish""#
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"i*t:Publish","Resource":"*"}}"#,
                #"Statement.Action: the action "i*t:Publish" is not valid; write "*" or a service and a name, such as "iot:Publish""#
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"iot:","Resource":"*"}}"#,
                #"Statement.Action: the action "iot:" is not valid; write "*" or a service and a name, such as "iot:Publish""#
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"iot:a:b","Resource":"*"}}"#,
                #"Statement.Action: the action "iot:a:b" is not valid; write "*" or a service and a name, such as "iot:Publish""#
            ),
            (
                #"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":["topic/x"]}]}"#,
                "Statement[1].Resource: The resource topic/x is not in valid ARN format"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iot:*"}}"#,
                "Statement.Resource: The resource arn:aws:iot:* is not in valid ARN format"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":""}}"#,
                "Statement.Resource: The resource  is not in valid ARN format"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"**"}}"#,
                "Statement.Resource: The resource ** is not in valid ARN format"
            ),
            (
                #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:${a:b:c:d}:e"}}"#,
                "Statement.Resource: The resource arn:${a:b:c:d}:e is not in valid ARN format"
            ),
            (
                #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iot:r:1:topic/${x"}}"#,
                #"the variable in "arn:aws:iot:r:1:topic/${x" has no closing brace"#
            ),
            (
                #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iot:r:1:topic/${}"}}"#,
                #""${}" in "arn:aws:iot:r:1:topic/${}" is not a policy variable"#
            ),
            (
                #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iot:r:1:topic/${${x}}"}}"#,
                #""${${x}" in "arn:aws:iot:r:1:topic/${${x}}" is not a policy variable"#
            ),
            (
                #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iot:r:1:topic/${x, y}"}}"#,
                #"the default value in "${x, y}" must stand in single quotes"#
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}"#,
                "Statement: IoT policies have no Principal; attach the policy to a certificate or a thing group"
            ),
            (#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Sid":1}}"#, "Statement.Sid: must be a string, not a number"),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Actions":"*"}}"#,
                #"Statement: "Actions" is not an element of it; there are Action, Condition, Effect, NotAction, NotResource, Resource, Sid"#
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":[]}}"#,
                "Statement.Condition: must be an object, not an array"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqual":{}}}}"#,
                "Statement.Condition.StringEqual: there is no such condition operator"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NullIfExists":{}}}}"#,
                "Statement.Condition.NullIfExists: there is no such condition operator"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":"x"}}}"#,
                "Statement.Condition.Bool: must be an object, not a string"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":{}}}}}"#,
                "Statement.Condition.StringEquals.a: must be a string or an array of strings, not an object"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":["x",null]}}}}"#,
                "Statement.Condition.StringEquals.a: must be a string or an array of strings, not null"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":"yes"}}}}"#,
                "Statement.Condition.Bool.a: \"yes\" is not true or false"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericEquals":{"a":"x"}}}}"#,
                "Statement.Condition.NumericEquals.a: \"x\" is not a number"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"a":"tomorrow"}}}}"#,
                "Statement.Condition.DateLessThan.a: \"tomorrow\" is not a date such as 2030-01-31T12:00:00Z"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"a":"10.0.0.0/33"}}}}"#,
                "Statement.Condition.IpAddress.a: \"10.0.0.0/33\" is not an IP address or a CIDR block"
            ),
            (
                #"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"a":"x"}}}}"#,
                "Statement.Condition.ArnLike.a: \"x\" is not in valid ARN format"
            ),
            (#"{"Statement":[[[[[[[[[]]]]]]]]]}"#, "nested deeper than 8 levels at line 1, column 21"),
        ] as [(String, String)]) func refuses(text: String, message: String) throws
    {
        let error = try #require(throws: PolicyError.self) { try PolicyDocument(parsing: text) }
        #expect(error.message == "Policy document is Malformed: " + message)
    }

    /// 2,048 characters without white space, wherever that stands; a character outside ASCII counts once.
    @Test func sizeIsCountedWithoutWhiteSpace() throws {
        let frame = #"{"Statement":{"Sid":"","Effect":"Allow","Action":"*","Resource":"*"}}"#
        func document(_ filling: String) -> String { frame.replacing(#""Sid":"""#, with: #""Sid":"\#(filling)""#) }
        let room = PolicyDocument.maxCharacters - frame.count
        #expect(throws: Never.self) { try PolicyDocument(parsing: document(String(repeating: "a", count: room))) }
        #expect(throws: Never.self) { try PolicyDocument(parsing: document(String(repeating: "ä", count: room))) }
        #expect(throws: Never.self) {
            try PolicyDocument(parsing: document(String(repeating: " a", count: room)) + String(repeating: "\n", count: 5000))
        }
        let error = try #require(throws: PolicyError.self) {
            try PolicyDocument(parsing: document(String(repeating: "a", count: room + 1)))
        }
        #expect(
            error.message
                == "Policy document is Malformed: the document has more than 2048 characters besides white space; split it into several policies"
        )
        #expect(throws: Never.self) { try PolicyDocument(parsing: document(String(repeating: "a", count: room + 1)), maxCharacters: 2049) }
    }
}
