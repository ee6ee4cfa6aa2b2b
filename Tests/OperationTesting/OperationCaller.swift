package import AWSAPI
internal import HTTPTypes
package import JSON
internal import Logging
internal import NIOCore
package import Testing

/// Runs a room's operations by name, as the endpoint does after it has matched the route.
package struct OperationCaller: Sendable {
    package static let account = AccountContext(region: "eu-west-1", account: "123456789012")

    package static func arn(_ resource: String) -> String { Self.account.arn(service: "iot", resource) }

    private let operations: [any AWSOperation]
    private let pageKey = PageTokens.Key.random()

    package init(_ operations: [any AWSOperation]) {
        self.operations = operations
    }

    package func call(
        _ name: String, _ labels: [String: String], query: [String: String], headers: [String: String], body: JSONObject
    ) async throws -> JSONValue {
        let operation = try #require(self.operations.first { type(of: $0).route.name == name })
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let input = OperationInput(
            labels: labels, query: query.map { QueryItem($0.key, $0.value) }, headers: fields,
            rawBody: ByteBuffer(bytes: JSONValue.object(body).serializedBytes()))
        return try await Self.run(operation, input, self.context(name))
    }

    private static func run<Operation: AWSOperation>(
        _ operation: Operation, _ input: OperationInput, _ context: OperationContext
    ) async throws -> JSONValue {
        let output = try await operation.handle(Operation.Input(input), context).encoded()
        guard case .json(let object) = output.body else { return .null }
        return .object(object)
    }

    private func context(_ name: String) -> OperationContext {
        OperationContext(
            requestID: "r", traceID: "t", account: Self.account, caller: .accessKey(id: "AKIATEST"), remoteAddress: nil, isSecure: true,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            pages: PageTokens(key: self.pageKey, operation: "iot:\(name)"))
    }
}

/// Expects an exception of the API, by name and, where it matters to clients, by text.
package func expectError(
    _ name: String, _ message: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> some Any
) async {
    do {
        _ = try await body()
        Issue.record("\(name) was expected, but the call succeeded", sourceLocation: sourceLocation)
    } catch let error as AWSError {
        #expect(error.name == name, "\(error)", sourceLocation: sourceLocation)
        if let message { #expect(error.message == message, sourceLocation: sourceLocation) }
    } catch {
        Issue.record("\(name) was expected, not \(error)", sourceLocation: sourceLocation)
    }
}
