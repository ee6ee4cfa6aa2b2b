internal import HTTPTypes

/// One AWS service: how its requests are recognised and which of the protocols it speaks.
package struct AWSService: Sendable, Hashable {
    package enum Wire: Sendable, Hashable {
        /// Method and path name the operation.
        case restJSON
        /// The header `x-amz-target: PREFIX.Operation` names it; every request is `POST /`. The version is of JSON's protocol.
        case json(targetPrefix: String, version: String = "1.1")
        /// The parameter `Action` of a form names it; every request is `POST /`, and answers are XML in this namespace.
        case query(namespace: String)
        /// Method, path and query name it; answers are XML (S3).
        case restXML
        /// Smithy's RPC v2: `POST /service/NAME/operation/OPERATION`, bodies in CBOR.
        case rpcCBOR(name: String)
    }

    /// The name in botocore's data ("iot-data").
    package let name: String
    /// The service names in a signature's credential scope that mean this service.
    package let signingNames: [String]
    package let wire: Wire
    /// Protocols that it speaks too, for clients of another age.
    package let otherWires: [Wire]
    /// Names of members that are times, in seconds since 1970 as JSON has them: the query protocol writes them as ISO 8601, CBOR with a tag.
    package let timestamps: Set<String>
    /// Whether error bodies carry a `traceId` (the data planes).
    package let carriesTraceID: Bool
    /// The status of ThrottlingException, which differs between the models.
    package let throttlingStatus: Int
    /// Whether a request may leave its body out of the signature (`UNSIGNED-PAYLOAD`, over TLS only), as streaming uploads do.
    package let allowsUnsignedPayload: Bool
    /// Whether a body may be compressed (`Content-Encoding: gzip`).
    package let takesGzip: Bool
    /// What this service calls the error of a parameter that is missing or wrong, which the readers throw as InvalidRequestException.
    package let invalidRequestName: String
    /// The code that this error had in the query protocol.
    package let invalidRequestCode: String?

    package init(
        name: String,
        signingNames: [String],
        wire: Wire = .restJSON,
        otherWires: [Wire] = [],
        timestamps: Set<String> = [],
        carriesTraceID: Bool = false,
        throttlingStatus: Int = 400,
        allowsUnsignedPayload: Bool = false,
        takesGzip: Bool = false,
        invalidRequestName: String = "InvalidRequestException",
        invalidRequestCode: String? = nil
    ) {
        self.name = name
        self.signingNames = signingNames
        self.wire = wire
        self.otherWires = otherWires
        self.timestamps = timestamps
        self.carriesTraceID = carriesTraceID
        self.throttlingStatus = throttlingStatus
        self.allowsUnsignedPayload = allowsUnsignedPayload
        self.takesGzip = takesGzip
        self.invalidRequestName = invalidRequestName
        self.invalidRequestCode = invalidRequestCode
    }

    /// The protocol that a request is in.
    func wire(of request: APIRequest) -> Wire {
        self.otherWires.first { $0.isSpoken(by: request) } ?? self.wire
    }

    /// The control plane. Very old SDKs signed it as `execute-api`.
    package static let iot = AWSService(name: "iot", signingNames: ["iot", "execute-api"])
    /// The data plane. Device SDKs sign WebSocket upgrades as `iotdevicegateway`.
    package static let iotData = AWSService(
        name: "iot-data", signingNames: ["iotdata", "iotdevicegateway"], carriesTraceID: true, throttlingStatus: 429)
    /// Functions.
    package static let lambda = AWSService(
        name: "lambda", signingNames: ["lambda"], invalidRequestName: "ValidationException")
    package static let iotJobsData = AWSService(
        name: "iot-jobs-data", signingNames: ["iot-jobs-data"], carriesTraceID: true, throttlingStatus: 429)
    /// Object storage. Its uploads are signed in pieces or, over TLS, not at all.
    package static let s3 = AWSService(name: "s3", signingNames: ["s3"], wire: .restXML, allowsUnsignedPayload: true)
}

extension AWSService.Wire {
    /// Whether a request names its operation as this protocol has it.
    fileprivate func isSpoken(by request: APIRequest) -> Bool {
        switch self {
        case .json(let prefix, _): request.headers[.amzTarget]?.hasPrefix(prefix + ".") ?? false
        case .query: request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        case .rpcCBOR: request.isCBOR
        case .restJSON, .restXML: false
        }
    }
}

extension APIRequest {
    /// Whether the client reads CBOR only.
    var isCBOR: Bool { self.headers[.smithyProtocol] == "rpc-v2-cbor" }
}
