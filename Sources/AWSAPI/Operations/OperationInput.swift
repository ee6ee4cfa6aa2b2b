package import HTTPTypes
package import JSON
package import NIOCore

/// What an operation's `Input` decodes itself from. All text is percent-decoded; the JSON body is parsed when the first member is read.
package struct OperationInput {
    /// Members that the path template names.
    package let labels: [String: String]
    package let query: [QueryItem]
    package let headers: HTTPFields
    package let rawBody: ByteBuffer
    private let json: LazyJSONBody

    package init(labels: [String: String] = [:], query: [QueryItem] = [], headers: HTTPFields = [:], rawBody: ByteBuffer = ByteBuffer()) {
        self.labels = labels
        self.query = query
        self.headers = headers
        self.rawBody = rawBody
        self.json = LazyJSONBody(rawBody)
    }

    init(_ request: APIRequest, labels: [String: String], wire: AWSService.Wire) {
        self.labels = labels
        self.query = QueryItem.parse(request.queryText)
        self.headers = request.headers
        self.rawBody = request.body
        switch wire {
        case .query: self.json = LazyJSONBody(parsed: QueryForm.object(of: request.body))
        case .rpcCBOR: self.json = LazyJSONBody(request.body, isCBOR: true)
        case .restJSON, .json, .restXML: self.json = LazyJSONBody(request.body)
        }
    }

    /// An input whose body is `object`, for structures inside another one.
    init(body object: JSONObject) {
        self.labels = [:]
        self.query = []
        self.headers = [:]
        self.rawBody = ByteBuffer()
        self.json = LazyJSONBody(parsed: object)
    }

    /// The body as JSON. An empty body counts as `{}`.
    ///
    /// - Throws: InvalidRequestException when it is not a JSON object.
    package func bodyObject() throws(AWSError) -> JSONObject {
        try self.json.object()
    }

    /// A member of the JSON body as it is; nil when absent or null.
    package func value(_ name: String) throws(AWSError) -> JSONValue? {
        guard let value = try self.bodyObject()[name], value != .null else { return nil }
        return value
    }

    /// All values of a query parameter that may be repeated.
    package func queryValues(_ name: String) -> [String] {
        self.query.filter { $0.name == name }.map(\.value)
    }

    /// The text of a member that is bound outside of the body; nil when absent.
    func text(_ name: String, in place: InputPlace) -> String? {
        switch place.kind {
        case .label: self.labels[name]
        case .query(let other): self.query.first { $0.name == other ?? name }?.value
        case .header(let header): self.headers[header]
        case .body: nil
        }
    }
}

/// Parses the body once, when someone asks.
private final class LazyJSONBody {
    private let bytes: ByteBuffer
    private let isCBOR: Bool
    private var parsed: JSONObject?

    init(_ bytes: ByteBuffer, isCBOR: Bool = false) {
        self.bytes = bytes
        self.isCBOR = isCBOR
    }

    init(parsed: JSONObject) {
        self.bytes = ByteBuffer()
        self.isCBOR = false
        self.parsed = parsed
    }

    func object() throws(AWSError) -> JSONObject {
        if let parsed { return parsed }
        let object = try self.parse()
        self.parsed = object
        return object
    }

    private func parse() throws(AWSError) -> JSONObject {
        guard self.bytes.readableBytes > 0 else { return [:] }
        if self.isCBOR {
            guard case .object(let object) = try? CBORReader.value(of: Array(self.bytes.readableBytesView)) else {
                throw .invalidRequest("The request body is not a map in CBOR")
            }
            return object
        }
        // The body's size has been checked before it was buffered.
        let limits = JSONLimits(maxBytes: self.bytes.readableBytes)
        let value: JSONValue
        do {
            value = try JSONValue(parsing: self.bytes.readableBytesView, limits: limits)
        } catch {
            throw .invalidRequest("The request body is not valid JSON: \(error)")
        }
        guard case .object(let object) = value else {
            throw .invalidRequest("The request body must be a JSON object")
        }
        return object
    }
}
