import AWSAPI
import Foundation
import JSON

/// The operations of the running server that show its embedded targets.
struct TargetClient: Sendable {
    let client: AWSClient

    /// A record may be as large as an answer.
    private static let limits = JSONLimits(maxBytes: AWSClient.maxAnswerBytes, maxDepth: 128, maxKeys: 1 << 20)

    func list(service: String?) async throws -> [JSONValue] {
        let answer = try await self.call("ListTargets", "/targets", service.map { [QueryItem("service", $0)] } ?? [])
        return answer["targets"]?.arrayValue ?? []
    }

    /// The newest records after a position, the oldest of them first.
    func records(of address: TargetAddress, after position: Int64?, limit: Int) async throws -> [TargetItem] {
        var query = [QueryItem("name", address.name), QueryItem("limit", String(limit))]
        if let position { query.append(QueryItem("after", String(position))) }
        let answer = try await self.call("ListTargetRecords", address.path("records"), query)
        return (answer["records"]?.arrayValue ?? []).compactMap(TargetItem.init)
    }

    func record(of address: TargetAddress, key: String) async throws -> TargetItem? {
        let query = [QueryItem("name", address.name), QueryItem("key", key)]
        return TargetItem(try await self.call("GetTargetRecord", address.path("record"), query))
    }

    private func call(_ operation: String, _ path: String, _ query: [QueryItem]) async throws -> JSONValue {
        do {
            return try await self.client.call(
                service: "roost", operation: operation, method: "GET", path: path, query: query, limits: Self.limits)
        } catch AWSClientError.service(_, let refusal, _) {
            let status: ExitStatus = refusal.name == "ResourceNotFoundException" ? .notFound : .refused
            throw CommandFailure(status, "\(refusal.message) What there is: roost target list")
        } catch {
            throw CommandFailure(.unavailable, "\(error).")
        }
    }
}

/// One record as the server gives it.
struct TargetItem: Sendable {
    let json: JSONValue
    let position: Int64
    let key: String
    /// Milliseconds since 1970.
    let time: Int64
    let body: [UInt8]

    init?(_ json: JSONValue) {
        guard let position = json["position"]?.intValue, let key = json["key"]?.stringValue, let time = json["time"]?.intValue else {
            return nil
        }
        self.json = json
        self.position = position
        self.key = key
        self.time = time
        if let text = json["body"]?.stringValue {
            self.body = Array(text.utf8)
        } else {
            self.body = Array(Data(base64Encoded: json["bodyBase64"]?.stringValue ?? "") ?? Data())
        }
    }

    /// For a person, on one line: control characters do nothing to a terminal.
    var line: String {
        let time = Date(timeIntervalSince1970: Double(self.time) / 1000).formatted(Self.timeFormat)
        let content = self.json["body"]?.stringValue.map(ValueText.harmless) ?? "(\(self.body.count) bytes that are no text)"
        return "\(time)  \(ValueText.harmless(self.key))  \(content)"
    }

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
