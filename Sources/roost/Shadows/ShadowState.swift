import JSON

/// What a shadow was at one version.
struct ShadowState: Sendable, Hashable {
    /// `desired` and `reported`; a section that is empty is not there.
    var sections: JSONObject
    var version: Int64
    /// Seconds since 1970; nil where the service does not say.
    var timestamp: Int64?

    /// A shadow that does not exist.
    static let absent = ShadowState(sections: [:], version: 0, timestamp: nil)

    init(sections: JSONObject, version: Int64, timestamp: Int64?) {
        self.sections = sections
        self.version = version
        self.timestamp = timestamp
    }

    /// From an answer to GetThingShadow, from one side of a documents message, or from an entry of the history. Nil for anything else.
    init?(_ json: JSONValue) {
        guard case .object(let state)? = json["state"], let version = json["version"]?.intValue else { return nil }
        self.init(sections: [:], version: version, timestamp: json["timestamp"]?.intValue)
        for name in ["desired", "reported"] {
            if let section = state[name] { self.sections[name] = section }
        }
    }

    /// The paths below `desired` that are not reported so. Those are what turns the reported section into the desired one, less what
    /// only the device knows.
    var delta: [JSONPath] {
        let desired = self.sections["desired"]?.objectValue ?? [:]
        let reported = self.sections["reported"]?.objectValue ?? [:]
        return JSONDifference.between(reported, desired).filter { !$0.isRemoval }.map(\.path)
    }
}
