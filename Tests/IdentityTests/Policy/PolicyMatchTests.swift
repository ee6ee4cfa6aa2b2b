import Identity
import Testing

/// Actions and resources: which requests a statement speaks of.
@Suite struct PolicyMatchTests {
    @Test(
        arguments: [
            ("*", "iot:Publish", true), ("iot:*", "iot:Publish", true), ("iot:Publish", "iot:Publish", true),
            ("iot:publish", "iot:Publish", true),
            ("IOT:PUBLISH", "iot:Publish", true), ("iot:Pub*", "iot:Publish", true), ("iot:*Publish", "iot:RetainPublish", true),
            ("iot:?ublish", "iot:Publish", true), ("iot:Publish?", "iot:Publish", false), ("iot:Connect", "iot:Publish", false),
            ("greengrass:*", "iot:Publish", false), ("iot:*", "greengrass:Discover", false),
            ("greengrass:Discover", "greengrass:discover", true),
            ("iot:GetThingShadow", "iot:GetThingShadow", true), ("iot:Get*", "iot:GetThingShadow", true),
            ("iot:Get*", "iot:UpdateThingShadow", false),
            ("iot:Subscribe", "iot:Subscribe", true), ("iot:Receive", "iot:Receive", true), ("iot:Publish", "iot:RetainPublish", false),
            // The older prefix of the jobs data plane keeps working, and only for its four names.
            ("iotjobsdata:DescribeJobExecution", "iotjobsdata:DescribeJobExecution", true),
            ("iot:DescribeJobExecution", "iotjobsdata:DescribeJobExecution", true), ("iot:*", "iotjobsdata:UpdateJobExecution", true),
            ("iot:*", "iotjobsdata:SendCommand", false), ("iotjobsdata:*", "iot:Publish", false),
        ] as [(String, String, Bool)]) func actionsAreComparedWithoutCase(pattern: String, action: String, isAllowed: Bool) throws
    {
        let set = PolicyFixture.set(try PolicyFixture.document(action: pattern))
        #expect(set.allows(PolicyAction(action), "topic/x") == isAllowed)
        let negated = try PolicyFixture.set([#"{"Statement":{"Effect":"Allow","NotAction":"\#(pattern)","Resource":"*"}}"#])
        #expect(negated.allows(PolicyAction(action), "topic/x") == !isAllowed)
    }

    @Test(
        arguments: [
            ("*", "topic/a", true), ("topic/a", "topic/a", true), ("topic/a", "topic/a/b", false), ("topic/a", "topic/A", false),
            ("topic/a", "topic/", false),
            ("topic/a", "topicfilter/a", false), ("topic/*", "topic/a/b/c", true), ("topic/*", "topic/", true),
            ("topic/a/*", "topic/a", false),
            ("topic/*/b", "topic/a/b", true), ("topic/*/b", "topic/a/x/b", true), ("topic/*/b", "topic//b", true),
            ("topic/*/b", "topic/b", false),
            ("topic/?", "topic/a", true), ("topic/?", "topic/ab", false), ("topic/?", "topic/", false), ("topic/?", "topic/ä", true),
            ("topic/?", "topic/😀", true),
            ("topic/??", "topic/😀", false), ("topic/*?", "topic/", false), ("topic/*?", "topic/😀", true), ("topic/?*b", "topic/b", false),
            ("topic/a?c*e", "topic/abcde", true),
            ("topic/*a?b*", "topic/aäb", true), ("topic/*a?b*c", "topic/xxaabbxc", true), ("*", "client/x", true),
            // MQTT's wildcards are ordinary characters.
            ("topicfilter/a/+/b", "topicfilter/a/+/b", true), ("topicfilter/a/+/b", "topicfilter/a/x/b", false),
            ("topicfilter/a/#", "topicfilter/a/b", false),
            ("topicfilter/a/*", "topicfilter/a/#", true), ("topicfilter/a/*/b", "topicfilter/a/+/b", true),
            ("topicfilter/a/?/b", "topicfilter/a/+/b", true),
            ("topic/a/+", "topic/a/b", false),
            // Every part of the ARN counts.
            ("arn:aws:iot:us-east-1:*:topic/a", "topic/a", true), ("arn:aws:iot:*:123456789012:topic/a", "topic/a", true),
            ("arn:*:*:*:*:*", "topic/a", true),
            ("arn:aws:iot:us-west-2:123456789012:topic/a", "topic/a", false),
            ("arn:aws:iot:us-east-1:123456789013:topic/a", "topic/a", false),
            ("arn:aws-cn:iot:us-east-1:123456789012:topic/a", "topic/a", false),
            // What variables would be stays text in ${*}, ${?} and ${$}.
            ("topic/${*}", "topic/*", true), ("topic/${*}", "topic/a", false), ("topic/${?}x", "topic/?x", true),
            ("topic/${?}x", "topic/ax", false),
            ("topic/${$}x", "topic/$x", true), ("topic/$x", "topic/$x", true), ("topic/$aws/*", "topic/$aws/things/t", true),
            ("topic/${*}*", "topic/*abc", true),
            ("topic/${$}{iot:ClientId}", "topic/${iot:ClientId}", true),
        ] as [(String, String, Bool)]) func resourcesAreComparedWithWildcards(pattern: String, resource: String, isAllowed: Bool) throws
    {
        let set = PolicyFixture.set(try PolicyFixture.document(resource: [pattern]))
        #expect(set.allows(.publish, resource) == isAllowed)
        let full = pattern == "*" || pattern.hasPrefix("arn:") ? pattern : PolicyFixture.arn + pattern
        let negated = try PolicyFixture.set([
            #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","NotResource":"\#(full)"}}"#
        ])
        #expect(negated.allows(.publish, resource) == !isAllowed)
    }

    @Test func actionsWithoutAResourceAreAskedForWithAStar() throws {
        let set = PolicyFixture.set(try PolicyFixture.document(action: "iot:ListRetainedMessages"))
        #expect(set.allows("iot:ListRetainedMessages", "*"))
        #expect(
            !PolicyFixture.set(try PolicyFixture.document(action: "iot:*", resource: ["topic/*"])).allows("iot:ListRetainedMessages", "*"))
    }

    @Test func olderDocumentsHaveNoVariables() throws {
        for version in ["\"Version\":\"2008-10-17\",", ""] {
            let set = try PolicyFixture.set([
                #"{\#(version)"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iot:us-east-1:123456789012:topic/${iot:ClientId}/*"}}"#
            ])
            #expect(!set.allows(.publish, "topic/c/x", PolicyContext(clientID: "c")))
            #expect(set.allows(.publish, "topic/${iot:ClientId}/x", PolicyContext(clientID: "c")))
        }
    }

    @Test func allowAllAllowsEverything() {
        let set = PolicySet([PolicySet.Entry(name: "all", version: "1", document: .allowAll)])
        #expect(set.allows(.connect, "client/x"))
        #expect(set.allows("greengrass:Discover", "thing/x"))
        #expect(throws: Never.self) { try PolicyDocument(parsing: PolicyDocument.allowAll.text) }
    }
}
