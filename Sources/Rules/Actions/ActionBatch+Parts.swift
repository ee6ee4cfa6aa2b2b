extension ActionBatch {
    /// Hands entries over in calls that a service takes: none has too many entries or bytes. One that is too large alone goes alone, so
    /// that the service says so.
    static func sendParts<Entry: Sendable>(
        _ members: [BatchMember<Entry>], maxCount: Int, maxBytes: Int, size: (Entry) -> Int,
        _ send: ([BatchMember<Entry>]) async -> [ActionOutcome]
    ) async -> [ActionOutcome] {
        var outcomes: [ActionOutcome] = []
        for part in Self.parts(members, maxCount: maxCount, maxBytes: maxBytes, size: { size($0.entry) }) {
            outcomes += await send(part)
        }
        return outcomes
    }

    static func parts<Member>(_ members: [Member], maxCount: Int, maxBytes: Int, size: (Member) -> Int) -> [[Member]] {
        var parts: [[Member]] = []
        var bytes = 0
        for member in members {
            let more = size(member)
            if let last = parts.last, last.count < maxCount, bytes + more <= maxBytes {
                parts[parts.count - 1].append(member)
                bytes += more
            } else {
                parts.append([member])
                bytes = more
            }
        }
        return parts
    }
}

extension ActionItem {
    /// What is sent, for targets that take nothing but text.
    ///
    /// - Parameter advice: what the user can do about a result that is none.
    func utf8(for target: String, advice: String) throws(ActionProblem) -> String {
        guard let text = String(validating: self.bytes, as: UTF8.self) else {
            throw ActionProblem("The result is not UTF-8 text, and \(target) takes text only. \(advice)")
        }
        return text
    }
}
