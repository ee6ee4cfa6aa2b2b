import AWSAPI
import JSON

/// The operations of the running server on one shadow.
struct ShadowClient: Sendable {
    let client: AWSClient
    let address: ShadowAddress

    /// An answer may be as long as `AWSClient` reads, and a document's metadata has as many keys as fit.
    private static let limits = JSONLimits(maxBytes: AWSClient.maxAnswerBytes, maxDepth: 128, maxKeys: 1 << 20)
    /// Entries of the history that are asked for at a time: with the largest states they stay well below the longest answer.
    private static let pageSize = 50

    /// - Returns: nil when there is no such shadow.
    func get() async throws -> JSONValue? {
        do {
            return try await self.client.call(
                service: "iotdata", operation: "GetThingShadow", method: "GET", path: self.address.path, query: self.address.query,
                limits: Self.limits)
        } catch AWSClientError.service(_, let error, _) where error.isMissingShadow {
            return nil
        } catch {
            throw self.failure(error)
        }
    }

    func state() async throws -> ShadowState? {
        guard let document = try await self.get() else { return nil }
        guard let state = ShadowState(document) else { throw Self.malformed("GetThingShadow") }
        return state
    }

    /// - Returns: the version that the update made.
    func update(_ request: JSONValue) async throws -> Int64 {
        do {
            let answer = try await self.client.call(
                service: "iotdata", operation: "UpdateThingShadow", method: "POST", path: self.address.path, query: self.address.query,
                body: request, limits: Self.limits)
            guard let version = answer["version"]?.intValue else { throw Self.malformed("UpdateThingShadow") }
            return version
        } catch let error as AWSClientError {
            throw self.failure(error)
        }
    }

    /// A part of the history, the newest first, and the token of the next part.
    func history(_ count: Int, token: String?) async throws -> (entries: [ShadowChange], next: String?) {
        var query = self.address.query + [QueryItem("maxResults", String(min(count, Self.pageSize)))]
        if let token { query.append(QueryItem("nextToken", token)) }
        do {
            let answer = try await self.client.call(
                service: "iotdata", operation: "ListThingShadowHistory", method: "GET", path: "\(self.address.path)/history",
                query: query, limits: Self.limits)
            guard let entries = answer["entries"]?.arrayValue else { throw Self.malformed("ListThingShadowHistory") }
            let changes = try entries.map { entry in
                guard let change = ShadowChange(entry) else { throw Self.malformed("ListThingShadowHistory") }
                return change
            }
            return (changes, answer["nextToken"]?.stringValue)
        } catch let error as AWSClientError {
            throw self.failure(error)
        }
    }

    // MARK: Failures

    /// There is no shadow where one is needed.
    var missing: CommandFailure {
        CommandFailure(.notFound, "There is no \(self.address.label). \(self.makeAdvice)")
    }

    private var makeAdvice: String {
        "Make one with: roost shadow set \(self.address.words) --desired '{\"key\": \"value\"}'"
    }

    private static func malformed(_ operation: String) -> CommandFailure {
        CommandFailure(
            .software,
            "The server's answer to \(operation) is not what the service says: are the server and this program of one version?")
    }

    /// The server's own words, and what to do.
    private func failure(_ error: AWSClientError) -> CommandFailure {
        guard case .service(_, let refusal, _) = error else { return CommandFailure(.unavailable, "\(error).") }
        let words = refusal.message.isEmpty ? refusal.name : refusal.message
        let text = "The server refused (\(refusal.status)): \(words)"
        let status: ExitStatus = refusal.name == "ResourceNotFoundException" ? .notFound : .refused
        return CommandFailure(status, ([text] + [self.advice(refusal)].compactMap { $0 }).joined(separator: "\n"))
    }

    private func advice(_ refusal: AWSError) -> String? {
        switch refusal.status {
        case 400 where refusal.name == "InvalidRequestException":
            "An update looks like this: {\"state\": {\"desired\": {\"key\": \"value\"}, \"reported\": {}}, \"version\": 5}"
        case 404 where refusal.isMissingShadow: self.makeAdvice
        case 404 where refusal.name == "ResourceNotFoundException":
            "This server keeps shadows of registered things only. Register it with: roost device create \(self.address.thing)"
        case 409: "The shadow has another version by now: look at it with `roost shadow get \(self.address.words)` and try again."
        case 413: "The limit counts desired and reported together, as compact JSON: remove what is not needed (a key set to null)."
        case 429: "The server has more requests than it can take: try again in a moment."
        default: nil
        }
    }
}

extension AWSError {
    /// Rather than a thing that is not registered.
    fileprivate var isMissingShadow: Bool { self.status == 404 && self.message.hasPrefix("No shadow exists") }
}
