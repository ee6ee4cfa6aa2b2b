package import HTTPTypes
package import JSON
package import NIOCore

/// A call of an AWS service by this server, for instance by a rule's action, before it is decided where that service is.
package struct ServiceRequest: Sendable {
    /// The service's name in signatures ("dynamodb"), which is also its key in the configuration's `endpoints`.
    package var service: String
    /// For messages ("PutItem").
    package var operation: String
    package var method = "POST"
    /// Path and query, percent-encoded.
    package var target = "/"
    package var headers: HTTPFields = [:]
    package var body = ByteBuffer()
    /// Headers that only a service of this server itself gets to see.
    package var embeddedHeaders: HTTPFields = [:]
    /// The region of the resource's ARN; nil for this server's.
    package var region: String?
    /// Where a resource of its own says that it is, scheme and host ("https://search-x.eu-west-1.es.amazonaws.com"), for services that have
    /// no common host.
    package var address: String?
    /// The ARN of the rule that calls: what resource policies ask for (`aws:SourceArn`).
    package var sourceARN: String?
    /// For the call as a whole.
    package var timeout = TimeAmount.seconds(30)

    package init(service: String, operation: String) {
        self.service = service
        self.operation = operation
    }

    /// A call in the JSON protocol: `x-amz-target: PREFIX.OPERATION`.
    package static func json(
        _ service: String, prefix: String, _ operation: String, version: String = "1.1", _ body: JSONObject
    ) -> ServiceRequest {
        var request = ServiceRequest(service: service, operation: operation)
        request.headers[.amzTarget] = "\(prefix).\(operation)"
        request.headers[.contentType] = "application/x-amz-json-\(version)"
        request.body = ByteBuffer(bytes: JSONValue.object(body).serializedBytes())
        return request
    }

    /// A call in the query protocol: a form whose `Action` names the operation.
    package static func query(
        _ service: String, _ operation: String, version: String, _ parameters: [QueryItem]
    ) -> ServiceRequest {
        var request = ServiceRequest(service: service, operation: operation)
        request.headers[.contentType] = "application/x-www-form-urlencoded; charset=utf-8"
        let all = [QueryItem("Action", operation), QueryItem("Version", version)] + parameters
        request.body = ByteBuffer(
            string: all.map { "\(PercentEncoding.encode($0.name.utf8))=\(PercentEncoding.encode($0.value.utf8))" }
                .joined(separator: "&"))
        return request
    }

    /// A label of a path, percent-encoded.
    ///
    /// - Parameter keepingSlash: for greedy labels such as an S3 key.
    package static func label(_ text: String, keepingSlash: Bool = false) -> String {
        PercentEncoding.encode(text.utf8, keepingSlash: keepingSlash)
    }
}

/// Takes calls to AWS services to where the configuration says that they are: AWS, another endpoint, or this server's own targets.
package protocol ServiceTransport: Sendable {
    /// The answer of the service, whatever its status.
    ///
    /// - Throws: `unreachable`, `malformedAnswer`.
    func send(_ request: ServiceRequest) async throws(AWSClientError) -> APIResponse
}
