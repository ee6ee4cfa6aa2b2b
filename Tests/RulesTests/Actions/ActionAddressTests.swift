import AWSAPI
import HTTPTypes
import Testing

@testable import Rules

@Suite("Where actions send")
struct ActionAddressTests {
    @Test(
        "the region of a function is in its ARN",
        arguments: [
            ("arn:aws:lambda:eu-west-1:123456789012:function:lamp", "eu-west-1"),
            ("arn:aws-cn:lambda:cn-north-1:123456789012:function:lamp:live", "cn-north-1"),
            ("arn:aws:lambda:eu-west-1:123456789012:lamp", nil), ("arn:aws:sqs:eu-west-1:123456789012:function:lamp", nil),
            ("arn:aws:lambda::123456789012:function:lamp", nil), ("arn:aws:lambda:eu-west-1:123456789012:function:", nil), ("lamp", nil),
        ])
    func functions(_ arn: String, _ region: String?) {
        #expect(LambdaCall.region(of: arn) == region)
    }

    @Test("an invocation names the function in its path, and the type in a header")
    func invocation() throws {
        let request = try LambdaCall.request("arn:aws:lambda:eu-west-1:123456789012:function:a", payload: Array("{}".utf8), type: .event)
        #expect(request.target == "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aa/invocations")
        #expect(request.headers.contains { $0.name.canonicalName == "x-amz-invocation-type" && $0.value == "Event" })
        #expect((request.service, request.region) == ("lambda", "eu-west-1"))
    }

    @Test(
        "the region of a domain is in its host name",
        arguments: [
            ("https://search-x-abc.eu-west-1.es.amazonaws.com", "eu-west-1"), ("http://localhost:9200", nil),
            ("https://es.amazonaws.com", nil),
            ("https://search-x.cn-north-1.es.amazonaws.com.cn", "cn-north-1"),
        ])
    func domains(_ address: String, _ region: String?) {
        #expect(SearchDocument.region(of: address) == region)
    }

    @Test(
        "an endpoint is a URL of HTTP",
        arguments: [
            ("https://x.example/", "https://x.example"), ("http://x:9200/prefix", "http://x:9200/prefix"), ("x.example", nil),
            ("ftp://x", nil), ("https://", nil),
        ])
    func endpoints(_ endpoint: String, _ address: String?) {
        #expect(SearchDocument.address(endpoint) == address)
    }
}
