import AWSAPI
import Broker
import JSON

/// The client id that the operations on connections are about: at most 128 characters and not beginning with `$`.
struct ConnectionName: Sendable {
    let clientID: String

    init(_ input: OperationInput) throws(AWSError) {
        self.clientID = try input.string("clientId", in: .label, max: 128, pattern: .clientID)
    }

    var unknown: AWSError {
        .resourceNotFound("There is neither a connection nor a session of the client \(self.clientID).")
    }
}

/// `DELETE /connections/{clientId}`: ends a client's connection, on request its session too (AWS IoT Developer Guide, device communication protocols).
struct DeleteConnectionOperation: AWSOperation {
    static let route = OperationRoute(.iotData, "DeleteConnection", "DELETE", "/connections/{clientId}", acceptsCertificate: true)

    struct Input: OperationDecodable {
        let connection: ConnectionName
        let cleanSession: Bool
        let preventWillMessage: Bool

        init(_ input: OperationInput) throws {
            self.connection = try ConnectionName(input)
            self.cleanSession = try input.bool("cleanSession", in: .query)
            self.preventWillMessage = try input.bool("preventWillMessage", in: .query)
        }
    }

    let broker: Broker
    let access: DeviceAccess

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let id = input.connection.clientID
        try await self.access.check(.deleteConnection, "client/\(id)", context)
        let wasKnown = try await self.broker.disconnect(
            clientID: id, cleanSession: input.cleanSession, preventWill: input.preventWillMessage)
        guard wasKnown else { throw input.connection.unknown }
        return EmptyOutput()
    }
}

/// `GET /connections/{clientId}`.
struct GetConnectionOperation: AWSOperation {
    static let route = OperationRoute(.iotData, "GetConnection", "GET", "/connections/{clientId}", acceptsCertificate: true)

    struct Input: OperationDecodable {
        let connection: ConnectionName
        let includesSocket: Bool

        init(_ input: OperationInput) throws {
            self.connection = try ConnectionName(input)
            self.includesSocket = try input.bool("includeSocketInformation", in: .query)
        }
    }

    let broker: Broker
    let access: DeviceAccess
    let recent: RecentDisconnects

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let id = input.connection.clientID
        try await self.access.check(.getConnection, "client/\(id)", context)
        let record = self.recent.find(id)
        guard let info = try await self.broker.connectionInfo(clientID: id) else {
            guard let record else { throw input.connection.unknown }
            return Self.output(of: record, clientID: id)
        }
        var output: JSONObject = [
            "clientId": .string(id), "connected": .bool(info.isConnected), "cleanSession": .bool(info.isCleanSession),
            "sessionExpiry": .int(Int64(info.sessionExpirySeconds)),
        ]
        if let thing = info.thingName { output["thingName"] = .string(thing) }
        if info.isConnected {
            output["connectedSince"] = .int(info.connectedAt)
            output["keepAliveDuration"] = .int(Int64(info.keepAliveSeconds))
        } else {
            if let end = info.disconnectedAt ?? record?.disconnectedAt { output["disconnectedSince"] = .int(end) }
            if let reason = record?.reason { output["disconnectReason"] = .string(reason) }
        }
        if input.includesSocket, let facts = info.facts {
            output["sourceIp"] = .string(facts.remoteAddress)
            output["sourcePort"] = .int(Int64(facts.remotePort))
            output["targetIp"] = .string(facts.localAddress)
            output["targetPort"] = .int(Int64(facts.localPort))
        }
        return output
    }

    /// A client that left no session behind.
    private static func output(of record: RecentDisconnects.Record, clientID: String) -> JSONObject {
        var output: JSONObject = [
            "clientId": .string(clientID), "connected": .bool(false), "cleanSession": .bool(true),
            "disconnectedSince": .int(record.disconnectedAt), "disconnectReason": .string(record.reason),
        ]
        if let thing = record.thingName { output["thingName"] = .string(thing) }
        return output
    }
}

/// `GET /connections/{clientId}/subscriptions`, in the order of the filters.
struct ListSubscriptionsOperation: AWSOperation {
    static let route = OperationRoute(
        .iotData, "ListSubscriptions", "GET", "/connections/{clientId}/subscriptions", acceptsCertificate: true)
    static let defaultPage = 20
    static let maxPage = 200

    struct Input: OperationDecodable {
        let connection: ConnectionName
        let nextToken: String?
        let maxResults: Int

        init(_ input: OperationInput) throws {
            self.connection = try ConnectionName(input)
            self.nextToken = try input.optionalString("nextToken", in: .query)
            self.maxResults =
                try input.optionalInt("maxResults", in: .query, range: 1...ListSubscriptionsOperation.maxPage)
                ?? ListSubscriptionsOperation.defaultPage
        }
    }

    let broker: Broker
    let access: DeviceAccess

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let id = input.connection.clientID
        try await self.access.check(.listSubscriptions, "client/\(id)", context)
        let start = try context.pages.position(in: input.nextToken, query: [id])
        guard let info = try await self.broker.connectionInfo(clientID: id) else { throw input.connection.unknown }
        let rest = info.subscriptions.filter { subscription in start.map { subscription.filter > $0 } ?? true }
        let page = rest.prefix(input.maxResults)
        let list = page.map { JSONValue.object(["topicFilter": .string($0.filter), "qos": .int(Int64($0.qos))]) }
        var output: JSONObject = ["subscriptions": .array(list)]
        if rest.count > page.count, let last = page.last {
            output["nextToken"] = .string(context.pages.token(after: last.filter, query: [id]))
        }
        return output
    }
}
