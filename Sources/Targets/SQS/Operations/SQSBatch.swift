import AWSAPI
import JSON

/// The entries of a batch request, and what becomes of each. An entry that is wrong fails alone.
struct SQSBatch<Entry: Sendable>: Sendable {
    static var maxEntries: Int { 10 }

    let entries: [(id: String, content: Result<Entry, AWSError>)]

    /// - Throws: EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct.
    init(_ input: OperationInput, _ decode: (OperationInput) throws(AWSError) -> Entry) throws(AWSError) {
        let values = try input.optionalArray("Entries") ?? []
        guard !values.isEmpty else { throw .sqsBatch("EmptyBatchRequest", "There should be at least one entry in the request.") }
        guard values.count <= Self.maxEntries else {
            throw .sqsBatch(
                "TooManyEntriesInBatchRequest",
                "Maximum number of entries per request are \(Self.maxEntries). You have sent \(values.count).")
        }
        var entries: [(String, Result<Entry, AWSError>)] = []
        for value in values {
            guard case .object(let object) = value, let id = object["Id"]?.stringValue, SQSTarget.namePattern.matches(id),
                id.utf8.count <= 80
            else {
                throw .sqsBatch(
                    "InvalidBatchEntryId",
                    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
                )
            }
            guard !entries.contains(where: { $0.0 == id }) else { throw .sqsBatch("BatchEntryIdsNotDistinct", "Id \(id) repeated.") }
            do throws(AWSError) {
                entries.append((id, .success(try decode(.nested(object)))))
            } catch {
                entries.append((id, .failure(error)))
            }
        }
        self.entries = entries
    }

    /// Does something with each entry that is right.
    ///
    /// - Parameter body: an `AWSError` that it throws is the entry's alone, so it must have changed nothing then.
    func run(_ body: (Entry) throws -> JSONObject) throws -> JSONObject {
        var successful: [JSONValue] = []
        var failed: [JSONValue] = []
        for entry in self.entries {
            do {
                var members: JSONObject = ["Id": .string(entry.id)]
                for (key, value) in try body(try entry.content.get()) { members[key] = value }
                successful.append(.object(members))
            } catch let error as AWSError {
                let code = error.queryCode ?? AWSService.sqs.invalidRequestName
                failed.append(
                    .object([
                        "Id": .string(entry.id), "SenderFault": true, "Code": .string(code), "Message": .string(error.message),
                    ]))
            }
        }
        return ["Successful": .array(successful), "Failed": .array(failed)]
    }
}
