package import JSON

/// What a statement makes of a message.
package enum SQLOutcome: Sendable {
    /// WHERE is not true: no action runs, and nothing is wrong.
    case noMatch(SQLNoMatch)
    case output(SQLOutput)
    /// A function that leaves the process failed, or a limit was reached: the error action runs.
    case failed(SQLFailure)
}

package enum SQLNoMatch: Sendable, Hashable, CustomStringConvertible {
    case isFalse
    case isUndefined
    /// Neither a Boolean nor the string "true" or "false".
    case isNoBoolean(kind: String)

    package var description: String {
        switch self {
        case .isFalse: "the WHERE clause is false"
        case .isUndefined: "the WHERE clause is Undefined"
        case .isNoBoolean(let kind): "the WHERE clause is of type \(kind), not Boolean"
        }
    }
}

/// What the actions of a rule get.
package struct SQLOutput: Sendable {
    package enum Body: Sendable, Hashable {
        case json(JSONValue)
        /// The payload as it came (`SELECT *` of what is no JSON object), or nothing (`SELECT VALUE` of Undefined).
        case raw([UInt8])
    }

    package let body: Body
    /// The values of SET, for the actions' templates.
    package let variables: SQLVariables

    /// The media type of what is sent.
    package var contentType: String {
        switch self.body {
        case .json: "application/json"
        case .raw: "application/octet-stream"
        }
    }

    /// What is sent.
    package var bytes: [UInt8] {
        switch self.body {
        case .json(let value): value.serializedBytes()
        case .raw(let bytes): bytes
        }
    }
}

/// The values of a statement's SET clause for one message.
package struct SQLVariables: Sendable, Hashable {
    /// By place in the clause.
    let values: [SQLValue]

    package static let none = SQLVariables(values: [])
}

/// Why an evaluation came to no result.
package struct SQLFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// A function that leaves the process.
        case externalFunction(name: String)
        /// One of `SQLLimits`.
        case limit
    }

    package let kind: Kind
    package let message: String

    package var description: String { self.message }
}

/// An outcome, and whether the payload was what the statement took it for.
package struct SQLResult: Sendable {
    package let outcome: SQLOutcome
    /// Set when fields were asked of a payload that is not JSON: each was Undefined (CloudWatch metric `ParseError`).
    package let payloadError: JSONParseError?
}
