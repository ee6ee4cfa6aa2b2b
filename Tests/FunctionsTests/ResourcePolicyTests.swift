import JSON
import Testing

@testable import Functions

@Suite("A function's policy")
struct ResourcePolicyTests {
    private static func policy(
        principal: String = "iot.amazonaws.com", action: String = "lambda:InvokeFunction", source: String? = nil, account: String? = nil
    ) -> ResourcePolicy {
        ResourcePolicy(
            statements: [.init(id: "s", principal: principal, action: action, sourceARN: source, sourceAccount: account)])
    }

    private static let rule = "arn:aws:iot:eu-west-1:123456789012:rule/lights"

    private static func allows(_ policy: ResourcePolicy, _ source: String? = Self.rule) -> Bool {
        policy.allowsInvoke(by: "iot.amazonaws.com", sourceARN: source, account: "123456789012")
    }

    @Test("without a statement allows nothing")
    func empty() { #expect(!Self.allows(ResourcePolicy())) }

    @Test(
        "matches the source's ARN part by part",
        arguments: [
            (Self.rule, true), ("arn:aws:iot:*:*:rule/*", true), ("arn:aws:iot:eu-west-1:123456789012:rule/light?", true),
            ("arn:aws:iot:eu-west-1:123456789012:rule/other", false), ("arn:aws:iot:*:rule/lights", false), ("*", false),
            ("arn:*", false), ("arn:aws:iot:us-*:*:rule/lights", false), ("arn:aws:iot:eu-west-1:123456789012:*", true), ("", false),
        ])
    func source(_ pattern: String, _ isAllowed: Bool) {
        #expect(Self.allows(Self.policy(source: pattern)) == isAllowed)
    }

    @Test("asks for the principal, the action and the account")
    func others() {
        #expect(Self.allows(Self.policy()))
        #expect(Self.allows(Self.policy(), nil))
        #expect(!Self.allows(Self.policy(source: Self.rule), nil))
        #expect(!Self.allows(Self.policy(principal: "s3.amazonaws.com")))
        #expect(Self.allows(Self.policy(principal: "*", action: "lambda:*")))
        #expect(!Self.allows(Self.policy(action: "lambda:GetFunction")))
        #expect(Self.allows(Self.policy(account: "123456789012")))
        #expect(!Self.allows(Self.policy(account: "210987654321")))
    }

    @Test("is a document as IAM writes it, and comes back from its row")
    func documents() throws {
        let policy = Self.policy(source: Self.rule, account: "123456789012")
        let statement = try #require(policy.statements.first)
        #expect(try ResourcePolicy.Statement(row: .object(statement.row)) == statement)
        let document = policy.document("arn:f")
        #expect(document["Statement"]?.arrayValue?.first?["Principal"] == ["Service": "iot.amazonaws.com"])
        #expect(document["Statement"]?.arrayValue?.first?["Condition"]?["ArnLike"] == ["AWS:SourceArn": .string(Self.rule)])
    }
}
