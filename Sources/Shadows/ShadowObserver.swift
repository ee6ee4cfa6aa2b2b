package import JSON
package import Storage

/// Whoever wants to hear of changed shadows: the search index.
package protocol ShadowObserver: Sendable {
    /// Called inside the transaction that changes or deletes a shadow, after the change.
    ///
    /// - Parameter name: empty for the classic shadow.
    func shadowChanged(_ name: String, of thing: String, in connection: any StoreConnection) throws
}

extension ShadowService {
    /// A shadow as the search index has it: `desired`, `reported`, `delta`, `metadata`, `hasDelta` and `version`; nil when there is none.
    ///
    /// - Parameter name: empty for the classic shadow.
    package static func indexed(_ name: String, of thing: String, in connection: any StoreConnection) throws -> JSONObject? {
        let key = ShadowKey(thing: thing, name: name.isEmpty ? nil : name)
        guard let stored = try ShadowTable(connection: connection).find(key), stored.deletedAt == nil else { return nil }
        do {
            let document = try stored.document()
            var object = document.state
            let delta = document.delta
            if let delta { object["delta"] = .object(delta.state) }
            object["metadata"] = .object(document.metadata)
            object["hasDelta"] = .bool(delta != nil)
            object["version"] = .int(document.version)
            return object
        } catch {
            // A get of it says so; the index goes on without it.
            return nil
        }
    }
}
