/// One operation of an AWS service. Adding an operation is one type like this, registered with the endpoint:
///
/// ```swift
/// struct DeleteThing: AWSOperation {
///     static let route = OperationRoute(.iot, "DeleteThing", "DELETE", "/things/{thingName}")
///
///     struct Input: OperationDecodable {
///         let thingName: String
///         init(_ input: OperationInput) throws {
///             self.thingName = try input.string("thingName", in: .label, max: 128, pattern: .thingName)
///         }
///     }
///
///     func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput { ... }
/// }
/// ```
package protocol AWSOperation: Sendable {
    associatedtype Input: OperationDecodable
    associatedtype Output: OperationEncodable

    static var route: OperationRoute { get }

    /// - Throws: `AWSError` for what the caller should see. Any other error is logged and answered as an internal failure.
    func handle(_ input: Input, _ context: OperationContext) async throws -> Output
}

/// What an operation takes, read and checked before the operation runs.
package protocol OperationDecodable: Sendable {
    /// - Throws: `AWSError`, as the typed readers of `OperationInput` do.
    init(_ input: OperationInput) throws
}

/// What an operation returns.
package protocol OperationEncodable: Sendable {
    func encoded() throws -> OperationOutput
}

/// The input of an operation without parameters.
package struct EmptyInput: OperationDecodable {
    package init() {}

    package init(_ input: OperationInput) throws {}
}

/// The output `{}`.
package struct EmptyOutput: OperationEncodable {
    package init() {}

    package func encoded() throws -> OperationOutput {
        OperationOutput()
    }
}
