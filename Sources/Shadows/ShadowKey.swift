import AWSAPI

/// Which shadow: a thing's classic one or a named one. The thing need not be registered (AWS IoT Developer Guide, device shadows).
package struct ShadowKey: Sendable, Hashable {
    /// 1–128 characters of `[a-zA-Z0-9:_-]`.
    package let thing: String
    /// 1–64 characters of `[$a-zA-Z0-9:_-]`; nil for the classic shadow.
    package let name: String?

    /// The names have been checked.
    package init(thing: String, name: String? = nil) {
        self.thing = thing
        self.name = name
    }

    static let maxThingCharacters = 128
    static let maxNameCharacters = 64

    static func isThingName(_ text: String) -> Bool {
        text.utf8.count <= self.maxThingCharacters && InputPattern.thingName.matches(text)
    }

    static func isShadowName(_ text: String) -> Bool {
        text.utf8.count <= self.maxNameCharacters && InputPattern.shadowName.matches(text)
    }

    /// What a policy names it by, after `arn:aws:iot:REGION:ACCOUNT:` (AWS IoT Developer Guide, policies).
    var resource: String { self.name.map { "thing/\(self.thing)/\($0)" } ?? "thing/\(self.thing)" }

    /// How error texts name it.
    var label: String { self.name ?? self.thing }

    /// The name's column: empty for the classic shadow, which no name can be.
    var nameColumn: String { self.name ?? "" }
}
