import JSON
import Logging

@testable import Shadows

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Of a JSON text that a test wrote itself.
func object(_ text: String) throws -> JSONObject {
    guard case .object(let object) = try JSONValue(parsing: text) else { throw ShadowProblem.invalidJSON }
    return object
}

extension ShadowChange {
    init(_ text: String, limits: ShadowLimits = .aws) throws(Refusal) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }
}

extension ShadowSection {
    /// What a section is after one change at `time`; nil for an empty text.
    static func of(_ text: String, at time: Int64 = 1) throws -> ShadowSection? {
        text.isEmpty ? nil : ShadowSection.merging(try object(text), into: nil, at: time)
    }
}

extension ShadowDocument {
    /// What a new shadow is after the requests with these states, one a second from second 1 on.
    static func after(_ states: [String]) throws -> ShadowDocument {
        var document = ShadowDocument.blank(version: 0)
        for (index, state) in states.enumerated() {
            document = document.applying(try ShadowChange(#"{"state":\#(state)}"#), at: Int64(index + 1))
        }
        return document
    }
}

extension ShadowOutcome {
    var update: ShadowUpdate? {
        if case .updated(let update) = self { update } else { nil }
    }

    var found: StoredShadow? {
        if case .found(let shadow) = self { shadow } else { nil }
    }

    var deletedVersion: Int64? {
        if case .deleted(let version, _) = self { version } else { nil }
    }

    var problem: ShadowProblem? {
        if case .refused(let problem) = self { problem } else { nil }
    }
}

extension StoredShadow {
    var stateText: String { String(decoding: self.state, as: UTF8.self) }
    var metadataText: String { String(decoding: self.metadata, as: UTF8.self) }
    var deltaText: String? { self.delta.map { String(decoding: $0, as: UTF8.self) } }
}
