import AWSAPI
import Testing

@testable import Functions

private let account = AccountContext(region: "eu-west-1", account: "123456789012")

@Suite("The name of a function")
struct FunctionNameTests {
    @Test(
        "is a name, a part of an ARN or an ARN",
        arguments: [
            "light", "light:$LATEST", "123456789012:function:light", "arn:aws:lambda:eu-west-1:123456789012:function:light",
            "arn:aws:lambda:eu-west-1:123456789012:function:light:$LATEST", "function:light",
        ])
    func forms(_ text: String) throws {
        #expect(try FunctionName(text, account: account).name == "light")
    }

    @Test(
        "is not found elsewhere, or in another version",
        arguments: [
            "light:3", "210987654321:function:light", "arn:aws:lambda:us-east-1:123456789012:function:light",
            "arn:aws:lambda:eu-west-1:123456789012:function:light:prod",
        ])
    func elsewhere(_ text: String) {
        #expect { try FunctionName(text, account: account) } throws: { ($0 as? AWSError)?.name == "ResourceNotFoundException" }
    }

    @Test("must be one", arguments: ["", "a b", "a/b", "a:b:c", String(repeating: "x", count: 65), "..", "arn:aws:lambda"])
    func wrong(_ text: String) {
        #expect(throws: AWSError.self) { try FunctionName(text, account: account) }
    }

    @Test("has no other qualifier than the latest version")
    func qualifier() throws {
        #expect(try FunctionName("light", account: account, qualifier: "$LATEST").name == "light")
        #expect(throws: AWSError.self) { try FunctionName("light", account: account, qualifier: "1") }
    }
}
