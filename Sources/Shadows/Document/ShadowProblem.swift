/// Why a request about a shadow was refused: the code and the text of AWS (AWS IoT Developer Guide, device shadows).
package struct ShadowProblem: Error, Sendable, Hashable {
    package let code: Int
    package let message: String

    static let invalidJSON = ShadowProblem(code: 400, message: "Invalid JSON")
    static let missingState = ShadowProblem(code: 400, message: "Missing required node: state")
    static let stateIsNoObject = ShadowProblem(code: 400, message: "State node must be an object")
    static let desiredIsNoObject = ShadowProblem(code: 400, message: "Desired node must be an object")
    static let reportedIsNoObject = ShadowProblem(code: 400, message: "Reported node must be an object")
    static let invalidVersion = ShadowProblem(code: 400, message: "Invalid version")
    static let invalidClientToken = ShadowProblem(code: 400, message: "Invalid clientToken")
    static let invalidNode = ShadowProblem(code: 400, message: "State contains an invalid node")
    static let invalidThingName = ShadowProblem(code: 400, message: "Invalid thing name")
    static let invalidShadowName = ShadowProblem(code: 400, message: "Invalid shadow name")
    static let thingNotFound = ShadowProblem(code: 404, message: "Thing not found")
    static let versionConflict = ShadowProblem(code: 409, message: "Version conflict")
    static let tooLarge = ShadowProblem(code: 413, message: "The payload exceeds the maximum size allowed")
    /// The text is AWS's own.
    static let unsupportedEncoding = ShadowProblem(code: 415, message: "Unsupported documented encoding; supported encoding is UTF-8")
    static let tooManyRequests = ShadowProblem(code: 429, message: "Too many requests")
    static let internalFailure = ShadowProblem(code: 500, message: "Internal service failure")

    static func tooDeep(limit: Int) -> ShadowProblem {
        ShadowProblem(code: 400, message: "JSON contains too many levels of nesting; maximum is \(limit)")
    }

    /// - Parameter name: of the thing, for a classic shadow.
    static func noShadow(named name: String) -> ShadowProblem {
        ShadowProblem(code: 404, message: "No shadow exists with name: '\(name)'")
    }
}
