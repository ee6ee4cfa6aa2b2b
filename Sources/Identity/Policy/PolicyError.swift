/// Why a text is not an IoT policy document: AWS's MalformedPolicyException (400).
package struct PolicyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// "Policy document is Malformed: " and what is wrong, where, and what to write instead.
    package let message: String

    init(_ what: String) { self.message = "Policy document is Malformed: \(what)" }

    init(_ what: String, at path: String) { self.init("\(path): \(what)") }

    package var description: String { self.message }
}
