import Broker

/// The topics of the shadow service: `$aws/things/THING/shadow[/name/NAME]/OPERATION` (AWS IoT Developer Guide, device shadows).
enum ShadowTopics {
    enum Operation: String, CaseIterable {
        case get, update, delete
    }

    /// What the service subscribes to. Its own answers, one level deeper, are not among it.
    static let filters = Operation.allCases.flatMap {
        ["$aws/things/+/shadow/\($0.rawValue)", "$aws/things/+/shadow/name/+/\($0.rawValue)"]
    }

    /// The shadow and the operation that a request's topic names; the names are not checked. Nil for another topic.
    static func parse(_ topic: String) -> (key: ShadowKey, operation: Operation)? {
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = levels.last, let operation = Operation(rawValue: String(last)) else { return nil }
        switch levels.count {
        case 5: return (ShadowKey(thing: String(levels[2])), operation)
        case 7: return (ShadowKey(thing: String(levels[2]), name: String(levels[5])), operation)
        default: return nil
        }
    }

    static func prefix(_ key: ShadowKey) -> String {
        let classic = "$aws/things/\(key.thing)/shadow"
        return key.name.map { "\(classic)/name/\($0)" } ?? classic
    }
}
