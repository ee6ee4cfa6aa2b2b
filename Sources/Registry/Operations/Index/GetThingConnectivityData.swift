import AWSAPI
import JSON
import Storage

/// Whether the client with the thing's name is connected, as of now.
struct GetThingConnectivityData: AWSOperation {
    static let route = OperationRoute(.iot, "GetThingConnectivityData", "POST", "/things/{thingName}/connectivity-data")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let thingName: String
        let includesSockets: Bool

        init(_ input: OperationInput) throws {
            self.thingName = try input.thingName()
            self.includesSockets = try input.bool("includeSocketInformation")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.registry.catchUpIndex()
        let (configuration, known) = try await self.registry.store.read { connection in
            let configuration = try IndexConfiguration.load(connection)
            let thing = try ThingTable(connection: connection).required(input.thingName)
            guard configuration.wants(.connectivity) else {
                throw AWSError.indexNotReady(
                    "Connectivity is not indexed: turn thingConnectivityIndexingMode on with UpdateIndexingConfiguration")
            }
            return (configuration, try IndexPartTable(connection: connection).find(.connectivity, of: thing.number))
        }
        guard !input.includesSockets || configuration.includesSocketInformation else {
            throw AWSError.invalidRequest(
                "Socket information is not indexed: name GET_THING_CONNECTIVITY_DATA in filter.connectivity.includeSocketInformation")
        }
        var result: JSONObject = ["thingName": .string(input.thingName)]
        guard let live = await self.registry.index.sources?.connection(of: input.thingName) else {
            result["connected"] = false
            if let known {
                // Of one whose end is still on its way to the index, the reason is not known yet.
                let isOld = known["connected"] == true
                result["timestamp"] = known["timestamp"]?.intValue.map { .seconds($0) }
                result["disconnectReason"] = isOld ? "UNKNOWN" : known["disconnectReason"] ?? "UNKNOWN"
            } else {
                result["disconnectReason"] = "UNKNOWN"
            }
            return result
        }
        result["connected"] = true
        result["timestamp"] = .seconds(live.connectedAt)
        result["disconnectReason"] = "NONE"
        if input.includesSockets { live.add(to: &result, clientID: input.thingName) }
        return result
    }
}

extension ThingConnection {
    fileprivate func add(to result: inout JSONObject, clientID: String) {
        result["clientId"] = .string(clientID)
        result["sourceIp"] = self.sourceAddress.map(JSONValue.string)
        result["sourcePort"] = self.sourcePort.map { .int(Int64($0)) }
        result["targetIp"] = self.targetAddress.map(JSONValue.string)
        result["targetPort"] = self.targetPort.map { .int(Int64($0)) }
        result["keepAliveDuration"] = .int(Int64(self.keepAliveSeconds))
        result["cleanSession"] = .bool(self.isCleanSession)
        result["sessionExpiry"] = .int(self.sessionExpirySeconds)
    }
}
