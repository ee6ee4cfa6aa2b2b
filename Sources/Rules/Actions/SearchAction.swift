import AWSAPI
import Foundation
import HTTPTypes
import JSON
import NIOCore

/// `openSearch`: puts the result as a document (`PUT /INDEX/TYPE/ID` at the domain's endpoint).
struct OpenSearchAction: RuleAction {
    static let key = "openSearch"
    static let failureName = "OpenSearchAction"

    private let document: SearchDocument
    var resource: String { self.document.resource }
    let batchLimit = SearchDocument.batchLimit
    let concurrency = 1

    init(_ fields: ActionFields) throws(AWSError) { self.document = try SearchDocument(fields) }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] { await self.document.deliver(items) }
}

/// `elasticsearch`: the same under its older name.
struct ElasticsearchAction: RuleAction {
    static let key = "elasticsearch"
    static let failureName = "ElasticsearchAction"

    private let document: SearchDocument
    var resource: String { self.document.resource }
    let batchLimit = SearchDocument.batchLimit
    let concurrency = 1

    init(_ fields: ActionFields) throws(AWSError) { self.document = try SearchDocument(fields) }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] { await self.document.deliver(items) }
}

/// What the two have in common. Documents go side by side, those with the same id one after the other: the last one stays.
struct SearchDocument: Sendable {
    static let batchLimit = 64

    private let endpoint: SubstitutionTemplate
    private let index: SubstitutionTemplate
    private let type: SubstitutionTemplate
    private let id: SubstitutionTemplate
    private let services: ActionServices
    let resource: String

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("endpoint")
        self.endpoint = try fields.template("endpoint")
        self.index = try fields.template("index")
        self.type = try fields.template("type")
        self.id = try fields.template("id")
        self.services = fields.services
        if self.endpoint.isConstant, Self.address(self.resource) == nil {
            throw .constraint("Member must satisfy regular expression pattern: https?://.*", value: "'\(self.resource)'", at: "endpoint")
        }
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await self.services.deliverInOrder(items) { item in
            guard case .json(.object) = item.output.body else {
                throw ActionProblem("The result is not a JSON object, which a document has to be.")
            }
            let endpoint = try await item.text(self.endpoint)
            guard let address = Self.address(endpoint) else {
                throw ActionProblem("The endpoint \"\(endpoint.prefix(256))\" is no URL with http or https.")
            }
            var request = ServiceRequest(service: "es", operation: "PutDocument")
            request.method = "PUT"
            request.target = try await [
                self.part(self.index, "index", item), self.part(self.type, "type", item), self.part(self.id, "id", item),
            ]
            .map { "/\(ServiceRequest.label($0))" }.joined()
            request.headers[.contentType] = "application/json"
            request.body = ByteBuffer(bytes: item.bytes)
            request.address = address
            request.region = Self.region(of: address)
            return (address + request.target, request)
        }
    }

    private func part(_ template: SubstitutionTemplate, _ name: String, _ item: ActionItem) async throws -> String {
        let text = try await item.text(template)
        guard !text.isEmpty, text != ".", text != ".." else { throw ActionProblem("The document's \(name) is \"\(text)\".") }
        return text
    }

    /// The endpoint without a slash at its end; nil when it is no URL of HTTP.
    static func address(_ endpoint: String) -> String? {
        guard endpoint.hasPrefix("https://") || endpoint.hasPrefix("http://"), let url = URL(string: endpoint), url.host?.isEmpty == false
        else { return nil }
        return endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
    }

    /// The region in a domain's host name, `search-NAME.REGION.es.amazonaws.com`.
    static func region(of address: String) -> String? {
        let labels = URL(string: address)?.host?.split(separator: ".") ?? []
        guard let place = labels.lastIndex(of: "es"), place > 0, labels.dropFirst(place + 1).first == "amazonaws" else { return nil }
        return String(labels[place - 1])
    }
}
