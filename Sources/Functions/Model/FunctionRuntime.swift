import AWSAPI

/// How a function's code is run.
enum FunctionRuntime: String, Sendable, CaseIterable {
    case provided
    case providedAL2 = "provided.al2"
    case providedAL2023 = "provided.al2023"
    case python39 = "python3.9"
    case python310 = "python3.10"
    case python311 = "python3.11"
    case python312 = "python3.12"
    case python313 = "python3.13"
    case python314 = "python3.14"

    var isPython: Bool { self.rawValue.hasPrefix("python") }

    /// - Throws: InvalidParameterValueException with the ones that there are.
    init(named text: String) throws(AWSError) {
        guard let runtime = Self(rawValue: text) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidParameter(
                "Roost does not run the runtime \(text.prefix(64)). It runs: \(known). Any other language runs as an executable named "
                    + "bootstrap with the runtime provided.al2023.")
        }
        self = runtime
    }
}
