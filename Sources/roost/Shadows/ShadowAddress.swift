import AWSAPI

/// Which shadow a command is about: a thing's classic one or a named one.
struct ShadowAddress: Sendable, Hashable {
    let thing: String
    let name: String?

    private static let maxThingCharacters = 128
    private static let maxNameCharacters = 64

    /// - Throws: `CommandFailure` for what cannot be a name.
    init(thing: String, name: String?) throws {
        guard thing.utf8.count <= Self.maxThingCharacters, InputPattern.thingName.matches(thing) else {
            throw CommandFailure(
                .usage,
                "“\(thing)” is not a name of a thing: give 1 to \(Self.maxThingCharacters) letters, digits and the characters - _ :")
        }
        if let name {
            guard name.utf8.count <= Self.maxNameCharacters, InputPattern.shadowName.matches(name) else {
                throw CommandFailure(
                    .usage,
                    "“\(name)” is not a name of a shadow: give 1 to \(Self.maxNameCharacters) letters, digits and the characters - _ : $")
            }
        }
        self.thing = thing
        self.name = name
    }

    /// For messages.
    var label: String { self.name.map { "shadow “\($0)” of \(self.thing)" } ?? "shadow of \(self.thing)" }

    /// The words that name it on a command line.
    var words: String { self.name.map { "\(self.thing) --name \(ShellText.quoted($0))" } ?? self.thing }

    /// Where the service announces changes (AWS IoT Core: device shadow MQTT topics).
    var documentsTopic: String { "\(self.topicPrefix)/update/documents" }
    var deletedTopic: String { "\(self.topicPrefix)/delete/accepted" }

    private var topicPrefix: String {
        let classic = "$aws/things/\(self.thing)/shadow"
        return self.name.map { "\(classic)/name/\($0)" } ?? classic
    }

    /// Of `iot-data`.
    var path: String { "/things/\(AWSClient.pathSegment(self.thing))/shadow" }
    var query: [QueryItem] { self.name.map { [QueryItem("name", $0)] } ?? [] }
}
