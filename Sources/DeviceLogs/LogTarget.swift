/// What a level is for (AWS IoT API, LogTarget).
struct LogTarget: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        case standard = "DEFAULT"
        case thingGroup = "THING_GROUP"
        case clientID = "CLIENT_ID"
        case sourceIP = "SOURCE_IP"
        case principalID = "PRINCIPAL_ID"

        static let words = Self.allCases.map(\.rawValue)
    }

    var kind: Kind
    var name: String
}
