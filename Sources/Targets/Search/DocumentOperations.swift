import AWSAPI
import Foundation
import JSON
import NIOCore
import Storage

/// A document's place in a request's path, and its body.
struct DocumentInput: OperationDecodable {
    let index: String
    let type: String
    /// Nil where the server makes one.
    let id: String?
    let body: [UInt8]
    /// Whether the document may not be there yet: `op_type=create`, and the path `_create`.
    let isNew: Bool

    init(_ input: OperationInput) throws {
        self.index = try input.string("index", in: .label)
        try SearchName.checkIndex(self.index)
        self.type = try input.string("type", in: .label)
        try SearchName.checkType(self.type)
        self.id = try input.optionalString("id", in: .label)
        if let id = self.id { try SearchName.checkID(id) }
        self.body = Array(input.rawBody.readableBytesView)
        let operation = try input.optionalString("op_type", in: .query) ?? "index"
        self.isNew = operation == "create" || self.type == "_create"
        for name in ["if_seq_no", "if_primary_term", "version", "pipeline"] where try input.optionalString(name, in: .query) != nil {
            throw SearchError.make("illegal_argument_exception", 400, "the parameter [\(name)] is not supported by Roost")
        }
    }

    /// - Throws: mapper_parsing_exception for what is no JSON object.
    func checkBody(_ limits: JSONLimits) throws(AWSError) {
        guard case .object = try? JSONValue(parsing: self.body, limits: limits) else {
            throw SearchError.make("mapper_parsing_exception", 400, "failed to parse: a document is a JSON object")
        }
    }
}

extension SearchService {
    /// Writes a document, and its index if it is not there, as a domain does for everybody.
    func put(_ input: DocumentInput) async throws -> OperationOutput {
        try input.checkBody(JSONLimits(maxBytes: input.body.count))
        let now = self.clock()
        let new = StoredDocument(
            index: input.index, id: input.id ?? UUID().uuidString.lowercased(), type: input.type, version: 0, sequence: 0, time: now,
            body: input.body)
        let document = try await self.store.write { connection in
            let table = self.table(connection)
            if try !table.hasIndex(new.index) { try table.createIndex(new.index, at: now) }
            if input.isNew, try table.find(new.id, in: new.index) != nil {
                throw SearchError.make(
                    "version_conflict_engine_exception", 409, "[\(new.id)]: version conflict, document already exists")
            }
            return try table.put(new)
        }
        let isNew = document.version == 1
        return OperationOutput(body: .json(Self.written(document, isNew ? "created" : "updated")), status: isNew ? 201 : 200)
    }

    static func written(_ document: StoredDocument, _ result: String) -> JSONObject {
        [
            "_index": .string(document.index), "_type": .string("_doc"), "_id": .string(document.id), "_version": .int(document.version),
            "result": .string(result), "_shards": ["total": 1, "successful": 1, "failed": 0], "_seq_no": .int(document.sequence),
            "_primary_term": 1,
        ]
    }

    /// A document as reading shows it.
    static func shown(_ document: StoredDocument) throws -> JSONObject {
        [
            "_index": .string(document.index), "_type": .string("_doc"), "_id": .string(document.id),
            "_source": try JSONValue(parsing: document.body, limits: JSONLimits(maxBytes: document.body.count)),
        ]
    }
}

/// `PUT /INDEX/_doc/ID`.
struct PutDocument: AWSOperation {
    static let route = OperationRoute(.search, "PutDocument", "PUT", "/{index}/{type}/{id}")
    let search: SearchService

    func handle(_ input: DocumentInput, _ context: OperationContext) async throws -> OperationOutput { try await self.search.put(input) }
}

/// `POST /INDEX/_doc/ID`: the same.
struct PostDocument: AWSOperation {
    static let route = OperationRoute(.search, "PutDocument", "POST", "/{index}/{type}/{id}")
    let search: SearchService

    func handle(_ input: DocumentInput, _ context: OperationContext) async throws -> OperationOutput { try await self.search.put(input) }
}

/// `POST /INDEX/_doc`: the server makes the id.
struct IndexDocument: AWSOperation {
    static let route = OperationRoute(.search, "IndexDocument", "POST", "/{index}/{type}")
    let search: SearchService

    func handle(_ input: DocumentInput, _ context: OperationContext) async throws -> OperationOutput { try await self.search.put(input) }
}

/// `GET /INDEX/_doc/ID`.
struct GetDocument: AWSOperation {
    static let route = OperationRoute(.search, "GetDocument", "GET", "/{index}/{type}/{id}")
    let search: SearchService

    func handle(_ input: DocumentInput, _ context: OperationContext) async throws -> OperationOutput {
        let id = input.id ?? ""
        let found = try await self.search.store.read { connection -> StoredDocument? in
            let table = self.search.table(connection)
            guard try table.hasIndex(input.index) else { throw SearchError.noIndex(input.index) }
            return try table.find(id, in: input.index)
        }
        guard let found else {
            let answer: JSONObject = [
                "_index": .string(input.index), "_type": "_doc", "_id": .string(id), "found": false,
            ]
            return OperationOutput(body: .json(answer), status: 404)
        }
        var answer = try SearchService.shown(found)
        answer["_version"] = .int(found.version)
        answer["_seq_no"] = .int(found.sequence)
        answer["_primary_term"] = 1
        answer["found"] = true
        return OperationOutput(body: .json(answer))
    }
}

/// `DELETE /INDEX/_doc/ID`.
struct DeleteDocument: AWSOperation {
    static let route = OperationRoute(.search, "DeleteDocument", "DELETE", "/{index}/{type}/{id}")
    let search: SearchService

    func handle(_ input: DocumentInput, _ context: OperationContext) async throws -> OperationOutput {
        let id = input.id ?? ""
        let gone = try await self.search.store.write { connection -> StoredDocument? in
            let table = self.search.table(connection)
            guard try table.hasIndex(input.index) else { throw SearchError.noIndex(input.index) }
            return try table.delete(id, in: input.index)
        }
        if let gone { return OperationOutput(body: .json(SearchService.written(gone, "deleted"))) }
        let answer: JSONObject = [
            "_index": .string(input.index), "_type": "_doc", "_id": .string(id), "result": "not_found",
        ]
        return OperationOutput(body: .json(answer), status: 404)
    }
}
