import AWSAPI
import Broker
import DeviceLogs
import Identity
import JSON
import Registry
import Storage

/// What the device logs ask of other rooms.
struct LogSubjectsOfRooms: LogSubjects {
    let store: any Store
    private let things = RegisteredThings()

    init(store: any Store) { self.store = store }

    /// A client is the thing that alone holds its certificate, or the thing of its own name that holds it.
    func groups(of client: Activity.Client) async throws -> [String] {
        let things = self.things
        return try await self.store.read { connection in
            guard let thing = try Self.thing(of: client, things, connection) else { return [] }
            return try things.groups(ofThing: thing, in: connection)
        }
    }

    private static func thing(
        of client: Activity.Client, _ things: RegisteredThings, _ connection: any StoreConnection
    ) throws -> String? {
        if let thing = client.thing { return thing }
        guard let principal = client.principal else { return client.clientID }
        let target = PolicyTarget.certificate(id: principal)
        if let thing = try things.exclusiveThing(of: target, in: connection) { return thing }
        guard let id = client.clientID, try things.isAttached(target, to: id, in: connection) else { return nil }
        return id
    }
}

/// Calls of devices, and of others on devices' behalf, for the activity log.
struct DeviceCalls: Sendable {
    let broker: Broker

    func note(_ caller: Caller, _ route: OperationRoute, _ input: OperationInput, from address: String?, _ error: (any Error)?) {
        guard self.broker.isWatched, let event = Self.event(of: route) else { return }
        let client = Activity.Client(principal: caller.id, address: address, thing: Self.thing(of: input))
        self.broker.note(event, error == nil ? .info : .error, client, transport: "HTTP") {
            var fields = Self.fields(of: input)
            if let error = error as? AWSError {
                fields["reason"] = .string(error.name)
                fields["details"] = .string(error.message)
            } else if error != nil {
                fields["reason"] = "InternalFailureException"
            }
            return fields
        }
    }

    private static func event(of route: OperationRoute) -> Activity.Event? {
        switch (route.service.name, route.name) {
        case ("iot-data", "Publish"): .publishIn
        case ("iot-data", "GetRetainedMessage"): .getRetainedMessage
        case ("iot-data", "ListRetainedMessages"): .listRetainedMessage
        case ("iot-data", "GetThingShadow"), ("iot-data", "UpdateThingShadow"), ("iot-data", "DeleteThingShadow"):
            Activity.Event(rawValue: route.name)
        case ("iot-credentials", "AssumeRoleWithCertificate"): Activity.Event(rawValue: "GetDeviceCredentials")
        default: nil
        }
    }

    private static func thing(of input: OperationInput) -> String? {
        input.labels["thingName"] ?? (try? input.optionalString("thing", in: .header(.amznIoTThingName)))
    }

    private static func fields(of input: OperationInput) -> JSONObject {
        var fields: JSONObject = [:]
        if let topic = input.labels["topic"] { fields["topicName"] = .string(topic) }
        if let thing = input.labels["thingName"] {
            fields["deviceShadowName"] = .string(thing)
            fields["shadowName"] = ((try? input.optionalString("name", in: .query)) ?? nil).map(JSONValue.string)
        }
        if let alias = input.labels["roleAlias"] { fields["roleAlias"] = .string(alias) }
        return fields
    }
}
