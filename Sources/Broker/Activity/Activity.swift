package import JSON

/// Something that a client did, or that was done with its message, for logs that users read (AWS IoT Core Developer Guide, CloudWatch Logs log entries).
package struct Activity: Sendable {
    /// What happened, by AWS's name of the event type.
    package struct Event: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        package static let connect = Event(rawValue: "Connect")
        package static let disconnect = Event(rawValue: "Disconnect")
        package static let publishIn = Event(rawValue: "Publish-In")
        package static let publishOut = Event(rawValue: "Publish-Out")
        package static let subscribe = Event(rawValue: "Subscribe")
        package static let getRetainedMessage = Event(rawValue: "GetRetainedMessage")
        package static let listRetainedMessage = Event(rawValue: "ListRetainedMessage")
    }

    package enum Level: UInt8, Sendable, Comparable {
        case debug, info, warn, error

        package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    /// Whose doing it is, as far as it is known.
    package struct Client: Sendable, Hashable {
        package var clientID: String?
        /// A certificate's or access key's id.
        package var principal: String?
        package var address: String?
        package var port: Int?
        /// The thing that it is about, where no client is known.
        package var thing: String?

        package init(clientID: String? = nil, principal: String? = nil, address: String? = nil, port: Int? = nil, thing: String? = nil) {
            self.clientID = clientID
            self.principal = principal
            self.address = address
            self.port = port
            self.thing = thing
        }
    }

    package var event: Event
    package var level: Level
    package var client: Client
    /// `MQTT` or `HTTP`.
    package var transport: String?
    /// Since 1970.
    package var milliseconds: Int64
    /// What else there is to say, by AWS's names: `topicName`, `reason`, `details`, `ruleName`.
    package var fields: JSONObject

    package init(_ event: Event, _ level: Level, _ client: Client, transport: String? = nil, at milliseconds: Int64, fields: JSONObject) {
        self.event = event
        self.level = level
        self.client = client
        self.transport = transport
        self.milliseconds = milliseconds
        self.fields = fields
    }
}

/// Takes activities. Handed to ``Broker/watch(with:)`` while somebody wants to know.
package protocol ActivityLog: AnyObject, Sendable {
    /// Whether such an activity might be written. Asked on event loops: no I/O.
    func mayWrite(_ event: Activity.Event, _ level: Activity.Level, _ client: Activity.Client) -> Bool

    /// Must not wait; may leave out what is not wanted.
    func write(_ activity: Activity)
}
