import AWSAPI
import AsyncHTTPClient
import Broker
import DeviceLogs
import Foundation
import Functions
import Gateway
import Identity
import JSON
import Logging
import NIOCore
import Registry
import Rules
import Shadows
import Storage
import Targets

/// The rooms of one server, put together: who is handed to whom is decided here and nowhere else.
struct Rooms: Sendable {
    let store: any Store
    let identity: IdentityService
    let registry: RegistryService
    let broker: Broker
    let shadows: ShadowService
    let rules: RulesService
    let deviceLogs: DeviceLogService
    let functions: FunctionService
    let targets: TargetsService
    let endpoint: AWSEndpoint
    let gateway: Gateway
    let tls: TLSContexts
    let accessKey: AccessKey
    /// For calls of other servers.
    let http: HTTPClient
    let ownAddress: OwnAddress

    static func open(
        _ configuration: ServerConfiguration, folder: DataFolder, address: ListenAddress, group: any EventLoopGroup, fileLimit: Int
    ) async throws -> Rooms {
        let store = try Self.openStore(configuration, folder: folder)
        do {
            return try await Self.furnish(
                configuration, store: store, folder: folder, address: address, group: group, fileLimit: fileLimit)
        } catch {
            await store.close()
            throw error
        }
    }

    private static func openStore(_ configuration: ServerConfiguration, folder: DataFolder) throws -> any Store {
        let migrations =
            IdentityService.migrations + RegistryService.migrations + ShadowService.migrations + DeviceLogService.migrations
            + RulesService.migrations + TargetsService.migrations + FunctionService.migrations + Broker.migrations
        let logger = Logger(label: "storage")
        return configuration.isEphemeral
            ? try SQLiteStore.inMemory(migrations: migrations, logger: logger)
            : try SQLiteStore.open(folder: folder.path, migrations: migrations, logger: logger)
    }

    private static func furnish(
        _ configuration: ServerConfiguration, store: any Store, folder: DataFolder, address: ListenAddress, group: any EventLoopGroup,
        fileLimit: Int
    ) async throws -> Rooms {
        let account = AccountContext(region: configuration.region, account: configuration.account)
        let identity = try IdentityService(
            store: store, account: account, folder: folder.path, things: RegisteredThings(),
            configuration: try Self.identityConfiguration(configuration, address: address), logger: Logger(label: "identity"))
        let broker = Broker(
            group: group, profile: Self.profile(configuration), store: store, authorizer: IdentityAuthorizer(identity: identity),
            logger: Logger(label: "broker"))
        Self.tellBroker(broker, of: identity)
        let accessKey = try await identity.firstAccessKey()
        let endpoint = AWSEndpoint(
            account: account, credentials: identity.accessKeys, trustAnyCredentials: configuration.trustAnyCredentials,
            maxBodyBytes: Self.maxBodyBytes(broker.profile),
            // Kept with the data folder's key, so that a listing goes on after a restart.
            pageKey: PageTokens.Key(bytes: Array("pagination tokens of \(accessKey.secret)".utf8)), logger: Logger(label: "api"))
        endpoint.register(identity.operations)
        endpoint.authorize { try await identity.authorize($0, $1, $2, from: $3) }
        let sources = IndexSourcesOfRooms(broker: broker)
        let registry = Self.registry(configuration, store: store, identity: identity, broker: broker, sources: sources)
        sources.tell(registry.indexFeed)
        try await registry.start()
        endpoint.register(registry.operations)
        let access = DeviceAccess(identity: identity)
        endpoint.register(DataOperations.all(broker: broker, access: access))
        let shadows = Self.shadows(configuration, store: store, broker: broker, observer: registry.indexFeed)
        endpoint.register(shadows.operations(access: access))
        let targets = TargetsService(
            store: store, account: account, folder: folder.path, logger: Logger(label: "targets"),
            clock: { Timestamp.now().milliseconds })
        try await targets.start()
        endpoint.register(targets.operations)
        for name in TargetsService.largeBodies { endpoint.allow(signedFor: name, maxBodyBytes: TargetsService.maxLargeBodyBytes) }
        endpoint.register(ListOperations(endpoint: endpoint))
        let ownAddress = OwnAddress()
        let functions = Self.functions(
            configuration, store: store, folder: folder, endpoint: endpoint, group: group,
            environment: Self.functionEnvironment(ownAddress, accessKey, caFile: identity.authority.certificatePath))
        endpoint.register(functions.operations)
        endpoint.allow(
            below: FunctionService.uploadPath, maxBodyBytes: FunctionService.maxUploadBytes, responseTime: FunctionService.responseTime)
        let http = Self.httpClient(group)
        let transport = ServiceRouter(
            endpoints: configuration.targets.endpoints, key: try configuration.targets.key() ?? ServiceRouter.placeholderKey,
            region: configuration.region, http: http, endpoint: endpoint)
        let deviceLogs = Self.deviceLogs(store: store, identity: identity, broker: broker, transport: transport, endpoint: endpoint)
        let rules = RulesService(
            store: store, account: account, broker: broker, transport: transport,
            http: HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration.rules.httpConfiguration),
            signingKey: configuration.targets.givenKey, sources: RuleSourcesOfRooms(shadows: shadows, registry: registry),
            limits: Self.ruleLimits(configuration),
            settings: configuration.rules,
            threads: max(1, configuration.eventLoops / 2), logger: Logger(label: "rules"),
            clock: { Timestamp.now().milliseconds / 1000 })
        endpoint.register(rules.operations)
        RulesService.addTaggable(to: identity.taggable)
        let tls = try TLSContexts(try identity.serverCredentials())
        try await broker.start()
        try await deviceLogs.start()
        shadows.start()
        try await functions.start()
        try await rules.start()
        let gateway = Gateway(
            services: Self.services(broker: broker, identity: identity, endpoint: endpoint), contexts: tls, group: group,
            limits: Self.limits(configuration, profile: broker.profile, fileLimit: fileLimit), logger: Logger(label: "gateway"))
        return Rooms(
            store: store, identity: identity, registry: registry, broker: broker, shadows: shadows, rules: rules, deviceLogs: deviceLogs,
            functions: functions, targets: targets, endpoint: endpoint, gateway: gateway, tls: tls, accessKey: accessKey, http: http,
            ownAddress: ownAddress)
    }

    private static func functions(
        _ configuration: ServerConfiguration, store: any Store, folder: DataFolder, endpoint: AWSEndpoint, group: any EventLoopGroup,
        environment: @escaping @Sendable () -> [String: String]
    ) -> FunctionService {
        let logger = Logger(label: "functions")
        return FunctionService(
            store: store, account: endpoint.account, folder: folder.path,
            surroundings: FunctionService.Surroundings(
                log: FunctionLogs(endpoint: endpoint, logger: logger), group: group, environment: environment),
            settings: configuration.functions, logger: logger, clock: { Timestamp.now().milliseconds })
    }

    /// With which functions call this server, as with `roost env`.
    private static func functionEnvironment(
        _ address: OwnAddress, _ key: AccessKey, caFile: String
    ) -> @Sendable () -> [String: String] {
        {
            guard let api = address.api else { return [:] }
            var environment = [
                "AWS_ENDPOINT_URL": api, "AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret,
            ]
            if api.hasPrefix("https:") { environment["AWS_CA_BUNDLE"] = caFile }
            return environment
        }
    }

    private static func httpClient(_ group: any EventLoopGroup) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(60))
        // An answer from elsewhere is not what was asked for; AWS's services do not redirect signed calls either.
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    /// What changes in Identity acts on connections at once.
    private static func tellBroker(_ broker: Broker, of identity: IdentityService) {
        identity.onChange { change in
            switch change {
            case .othersChanged: break
            case .policiesChanged: await broker.authoritiesSettled()
            case .certificateDeactivated(let id):
                await broker.authoritiesSettled()
                await broker.disconnect(principalID: id)
            }
        }
    }

    private static func shadows(
        _ configuration: ServerConfiguration, store: any Store, broker: Broker, observer: any ShadowObserver
    ) -> ShadowService {
        var limits: ShadowLimits =
            switch configuration.profile {
            case .aws: .aws
            case .open: .open
            }
        limits.historyLength = configuration.shadowHistory
        if let levels = configuration.shadowMaxLevels { limits.maxLevels = levels }
        if configuration.enforceRates { limits.maxInFlight = ShadowLimits.maxInFlightOfAWS }
        return ShadowService(
            store: store, broker: broker, limits: limits, things: configuration.shadowRequireThing ? RegisteredThings() : nil,
            observer: observer,
            logger: Logger(label: "shadows"), clock: { Timestamp.now().milliseconds / 1000 })
    }

    private static func registry(
        _ configuration: ServerConfiguration, store: any Store, identity: IdentityService, broker: Broker, sources: any IndexSources
    ) -> RegistryService {
        let logger = Logger(label: "registry")
        return RegistryService(
            store: store, account: identity.account, identity: identity,
            publish: { topic, message in
                broker.post(PublishRequest(topic: topic, payload: JSONValue.object(message).serializedBytes(), qos: 1)) { error in
                    logger.warning("a registry event was not published", metadata: ["topic": "\(topic)", "error": "\(error)"])
                }
            },
            noteLeftOut: { left in
                broker.note(.init(rawValue: "AddThingToDynamicThingGroupsFailed"), .error, Activity.Client(thing: left.thing)) {
                    [
                        "thingName": .string(left.thing), "dynamicThingGroups": .array(left.groups.map(JSONValue.string)),
                        "reason": "LimitExceededException", "details": "The thing is in the maximum number of thing groups",
                    ]
                }
            },
            sources: sources, settings: configuration.registry, logger: logger)
    }

    private static func deviceLogs(
        store: any Store, identity: IdentityService, broker: Broker, transport: ServiceRouter, endpoint: AWSEndpoint
    ) -> DeviceLogService {
        let logs = DeviceLogService(
            store: store, account: identity.account, broker: broker, subjects: LogSubjectsOfRooms(store: store), transport: transport,
            logger: Logger(label: "device-logs"))
        identity.onChange { _ in logs.membershipChanged() }
        endpoint.register(logs.operations)
        let calls = DeviceCalls(broker: broker)
        endpoint.observe { calls.note($0, $1, $2, from: $3, $4) }
        return logs
    }

    private static func ruleLimits(_ configuration: ServerConfiguration) -> RulesLimits {
        var limits = RulesLimits()
        if configuration.profile == .open { limits.maxRules = RulesLimits.maxRulesOpen }
        return limits
    }

    private static func services(broker: Broker, identity: IdentityService, endpoint: AWSEndpoint) -> GatewayServices {
        GatewayServices(
            directory: identity, broker: broker,
            respond: { await endpoint.respond(to: $0) },
            refuse: { endpoint.response(refusing: $0) },
            authenticateWebSocket: { request async throws(AWSError) -> String in
                try await endpoint.verifier.verifyWebSocket(request).accessKeyID
            })
    }

    // MARK: Settings of the rooms

    private static func profile(_ configuration: ServerConfiguration) -> Profile {
        var profile: Profile =
            switch configuration.profile {
            case .aws: .aws
            case .open: .open
            }
        profile.enforceRates = configuration.enforceRates
        return profile
    }

    private static func identityConfiguration(
        _ configuration: ServerConfiguration, address: ListenAddress
    ) throws -> IdentityConfiguration {
        // As AWS: a bare host name. The ports are in endpoints.json.
        var identity = IdentityConfiguration(
            endpointAddress: { address.clientHost }, serverNames: address.isLoopback ? [] : [address.host])
        if let path = configuration.anonymousPolicyFile {
            guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
                throw CommandFailure(.configuration, "The policy of plain MQTT clients, \(path), cannot be read as UTF-8 text.")
            }
            identity.anonymousPolicies = [text]
        }
        return identity
    }

    /// The largest payload of a publish and its headers fit; so do the other operations, whose bodies are small.
    private static func maxBodyBytes(_ profile: Profile) -> Int { max(1 << 20, profile.maxPayloadBytes + 1) }

    private static func limits(_ configuration: ServerConfiguration, profile: Profile, fileLimit: Int) -> GatewayLimits {
        var limits = GatewayLimits()
        limits.maxConnections = min(configuration.maxConnections, max(64, fileLimit - FileLimit.reserve))
        limits.maxConnectionsPerAddress = configuration.maxConnectionsPerAddress
        limits.maxBodyBytes = Self.maxBodyBytes(profile)
        limits.maxFrameBytes = max(1 << 20, profile.maxPacketBytes + 8)
        return limits
    }
}

extension DeviceAccess: ShadowAccess {}

extension RegisteredThings: ShadowThings {}
