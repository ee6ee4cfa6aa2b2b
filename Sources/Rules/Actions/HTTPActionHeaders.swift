import AWSAPI
import HTTPTypes
import JSON

/// The headers of an http action: fixed names, values with templates.
struct HTTPActionHeaders: Sendable {
    static let maxHeaders = 100
    static let maxNameBytes = 256
    /// What the connection itself decides.
    static let reserved: Set<String> = ["connection", "content-length", "host", "transfer-encoding"]

    private let headers: [(name: String, value: SubstitutionTemplate)]

    init(_ fields: ActionFields) throws(AWSError) {
        var headers: [(name: String, value: SubstitutionTemplate)] = []
        for (i, element) in (try fields.input.optionalArray("headers", maxCount: Self.maxHeaders) ?? []).enumerated() {
            let place = "headers.\(i + 1).member"
            guard case .object(let object) = element else {
                throw .invalidRequest("\(place) is \(element.kindName), not an object with key and value.")
            }
            let header = OperationInput.nested(object)
            let name = try header.string("key", max: Self.maxNameBytes)
            guard HTTPField.Name(name) != nil else { throw .invalidRequest("\(place).key: \(name) is not the name of a header.") }
            guard !Self.reserved.contains(name.lowercased()) else {
                throw .invalidRequest("\(place).key: the header \(name) belongs to the connection and cannot be set.")
            }
            headers.append((name, try fields.template(try header.string("value", min: 0), of: "\(place).value")))
        }
        self.headers = headers
    }

    /// The headers for a result, its content type among them.
    ///
    /// - Throws: `SQLFailure`, or `ActionProblem` for a value that no header has.
    func fields(_ item: ActionItem, contentType: String) async throws -> HTTPFields {
        var fields = HTTPFields()
        for header in self.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            let value = try await item.text(header.value)
            guard HTTPField.isValidValue(value) else {
                throw ActionProblem(
                    "The value of the header \(header.name) holds characters that headers cannot have, such as line breaks.")
            }
            fields.append(HTTPField(name: name, value: value))
        }
        // A user's own comes through whatever its case.
        if fields[.contentType] == nil { fields[.contentType] = contentType }
        return fields
    }
}
