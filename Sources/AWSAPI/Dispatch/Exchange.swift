internal import HTTPTypes
internal import JSON
internal import Logging
internal import NIOCore

/// One request on its way: what is known of it so far, and how its answer is written.
struct Exchange {
    let requestID: String
    let traceID: String
    let started: ContinuousClock.Instant
    /// Nil until the request has been recognised.
    var service: AWSService?
    var operation: String?
    /// Whether the caller can read errors in XML only: a client of a service with AWS's query protocol (STS, IAM) that came to us.
    var readsXMLOnly = false

    init(requestID: String, traceID: String, started: ContinuousClock.Instant) {
        self.requestID = requestID
        self.traceID = traceID
        self.started = started
    }

    func logger(_ logger: Logger) -> Logger {
        var logger = logger
        logger[metadataKey: "request-id"] = "\(self.requestID)"
        if let operation { logger[metadataKey: "operation"] = "\(operation)" }
        return logger
    }

    func response(to output: OperationOutput, successStatus: Int) -> APIResponse {
        var response = APIResponse(status: output.status ?? successStatus, headers: output.headers)
        switch output.body {
        case .json(let object):
            response.headers[.contentType] = self.contentType
            response.body = ByteBuffer(bytes: JSONValue.object(object).serializedBytes())
        case .bytes(let bytes, let contentType):
            response.headers[.contentType] = contentType
            response.body = bytes
        }
        return response
    }

    func response(to error: AWSError) -> APIResponse {
        guard !self.readsXMLOnly else { return self.xmlResponse(to: error) }
        var body: JSONObject = [:]
        if case .json11 = self.service?.wire { body["__type"] = .string(error.name) }
        body["message"] = .string(error.message)
        if self.service?.carriesTraceID ?? false { body["traceId"] = .string(self.traceID) }
        for (key, value) in error.extra { body[key] = value }
        let isThrottling = error.name == "ThrottlingException"
        return APIResponse(
            status: isThrottling ? self.service?.throttlingStatus ?? error.status : error.status,
            headers: [.contentType: self.contentType, .amznErrorType: error.name],
            body: ByteBuffer(bytes: JSONValue.object(body).serializedBytes()))
    }

    /// The query protocol's error document.
    private func xmlResponse(to error: AWSError) -> APIResponse {
        let message = error.message.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        let text = """
            <ErrorResponse><Error><Type>Sender</Type><Code>\(error.name)</Code><Message>\(message)</Message></Error>\
            <RequestId>\(self.requestID)</RequestId></ErrorResponse>
            """
        return APIResponse(status: error.status, headers: [.contentType: "text/xml"], body: ByteBuffer(string: text))
    }

    private var contentType: String {
        if case .json11 = self.service?.wire { "application/x-amz-json-1.1" } else { "application/json" }
    }
}
