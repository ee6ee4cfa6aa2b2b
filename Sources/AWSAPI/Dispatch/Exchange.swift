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
    private(set) var service: AWSService?
    /// The protocol that the service is spoken to in.
    private var wire: AWSService.Wire?
    var operation: String?
    /// Whether the caller can read errors in XML only: a client of a service with AWS's query protocol (STS, IAM) that came to us.
    var readsXMLOnly = false
    /// The same for CBOR.
    var readsCBOROnly = false

    init(requestID: String, traceID: String, started: ContinuousClock.Instant) {
        self.requestID = requestID
        self.traceID = traceID
        self.started = started
    }

    mutating func recognise(_ service: AWSService?, _ request: APIRequest) {
        self.service = service
        self.wire = service?.wire(of: request)
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
            if self.isCBOR { response.headers[.smithyProtocol] = "rpc-v2-cbor" }
            response.body = self.body(object)
        case .bytes(let bytes, let contentType):
            response.headers[.contentType] = contentType
            response.body = bytes
        }
        return response
    }

    func response(to error: AWSError) -> APIResponse {
        let error = self.named(error)
        if let form = self.errorForm { return self.xmlResponse(to: error, form) }
        var body: JSONObject = [:]
        if self.namesErrorInBody { body["__type"] = .string(error.name) }
        body["message"] = .string(error.message)
        if self.service?.carriesTraceID ?? false { body["traceId"] = .string(self.traceID) }
        for (key, value) in error.extra { body[key] = value }
        let isThrottling = error.name == "ThrottlingException"
        var response = APIResponse(
            status: isThrottling ? self.service?.throttlingStatus ?? error.status : error.status,
            headers: [.contentType: self.contentType, .amznErrorType: error.name],
            body: ByteBuffer(bytes: self.isCBOR ? CBORWriter.bytes(of: body) : JSONValue.object(body).serializedBytes()))
        if self.isCBOR { response.headers[.smithyProtocol] = "rpc-v2-cbor" }
        // Clients know the errors of a service that once spoke the query protocol by the codes that they had there.
        if let code = error.queryCode ?? (self.service?.speaksQueryToo ?? false ? error.name : nil) {
            response.headers[.amznQueryError] = "\(code);\(error.status < 500 ? "Sender" : "Receiver")"
        }
        return response
    }

    /// The error with the name that the service has for it.
    private func named(_ error: AWSError) -> AWSError {
        guard let name = self.service?.invalidRequestName, error.name == "InvalidRequestException", name != error.name else { return error }
        return AWSError(
            name: name, status: error.status, message: error.message, extra: error.extra,
            queryCode: error.queryCode ?? self.service?.invalidRequestCode)
    }

    private var isCBOR: Bool {
        switch self.wire {
        case .rpcCBOR: true
        case nil: self.readsCBOROnly
        default: false
        }
    }

    private var namesErrorInBody: Bool {
        if case .json = self.wire { true } else { self.isCBOR }
    }

    // MARK: Protocols

    private enum ErrorForm { case query, plainXML }

    /// Nil for JSON.
    private var errorForm: ErrorForm? {
        switch self.wire {
        case .query: .query
        case .restXML: .plainXML
        case .restJSON, .json, .rpcCBOR: nil
        case nil: self.readsXMLOnly ? .query : nil
        }
    }

    /// The error document of the query protocol, or S3's, which has no envelope.
    private func xmlResponse(to error: AWSError, _ form: ErrorForm) -> APIResponse {
        let error = form == .plainXML ? error.asS3Says : error
        let code = error.queryCode ?? error.name
        let core = "<Code>\(code)</Code><Message>\(XMLText.escaped(error.message))</Message>\(XMLText.elements(error.extra))"
        let text =
            switch form {
            case .query:
                "<ErrorResponse><Error><Type>\(error.status < 500 ? "Sender" : "Receiver")</Type>\(core)</Error>"
                    + "<RequestId>\(self.requestID)</RequestId></ErrorResponse>"
            case .plainXML: "\(XMLText.declaration)<Error>\(core)<RequestId>\(self.requestID)</RequestId></Error>"
            }
        return APIResponse(status: error.status, headers: [.contentType: self.contentType], body: ByteBuffer(string: text))
    }

    private func body(_ object: JSONObject) -> ByteBuffer {
        guard case .query(let namespace) = self.wire else {
            if self.isCBOR { return ByteBuffer(bytes: CBORWriter.bytes(of: object, timestamps: self.service?.timestamps ?? [])) }
            return ByteBuffer(bytes: JSONValue.object(object).serializedBytes())
        }
        let operation = self.operation ?? ""
        let elements = XMLText.elements(object, timestamps: self.service?.timestamps ?? [])
        return ByteBuffer(
            string: "<\(operation)Response xmlns=\"\(namespace)\"><\(operation)Result>\(elements)</\(operation)Result>"
                + "<ResponseMetadata><RequestId>\(self.requestID)</RequestId></ResponseMetadata></\(operation)Response>")
    }

    private var contentType: String {
        switch self.wire {
        case .json(_, let version): "application/x-amz-json-\(version)"
        case .rpcCBOR: "application/cbor"
        case .query: "text/xml"
        case .restXML: "application/xml"
        case .restJSON: "application/json"
        case nil: self.readsCBOROnly ? "application/cbor" : self.readsXMLOnly ? "text/xml" : "application/json"
        }
    }
}

extension AWSService {
    fileprivate var speaksQueryToo: Bool {
        self.otherWires.contains { if case .query = $0 { true } else { false } }
    }
}
