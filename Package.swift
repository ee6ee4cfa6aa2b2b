// swift-tools-version: 6.2
import PackageDescription

/// Every target is compiled the same way: Swift 6 mode, all warnings are errors, and the upcoming features that are settled.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioFoundation: Target.Dependency = .product(name: "NIOFoundationCompat", package: "swift-nio")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let httpTypesNIO: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")
let atomics: Target.Dependency = .product(name: "Atomics", package: "swift-atomics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// One target per room; a room depends only on rooms of a lower floor (docs/architecture.md).
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "roost",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "roost", targets: ["roost"]),
        .library(name: "JSON", targets: ["JSON"]),
        .library(name: "Identity", targets: ["Identity"]),
        .library(name: "Broker", targets: ["Broker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-atomics", from: "1.3.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // floor 0
        room("JSON", []),
        // floor 1
        room("Storage", [grdb, grdbSQLite, nioCore, logging, metrics, atomics]),
        room(
            "AWSAPI",
            [
                "CZlib", "JSON", nioCore, nioPosix, nioSSL, nioHTTP1, hummingbird, hummingbirdCore, httpTypes, httpTypesNIO, httpClient,
                crypto,
                logging, metrics,
            ]),
        // floor 2
        room(
            "Identity",
            ["JSON", "Storage", "AWSAPI", x509, asn1, crypto, cryptoExtras, nioCore, logging, metrics, collections]),
        room("Broker", ["JSON", "Storage", nioCore, logging, metrics, collections, atomics]),
        // zlib comes with every Swift toolchain's requirements.
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"]), .brew(["librdkafka"])]),
        room(
            "Functions",
            [
                "CZlib", "JSON", "Storage", "AWSAPI", nioCore, nioPosix, nioHTTP1, httpTypes, httpTypesNIO, httpTypesHTTP1, subprocess,
                systemPackage, crypto, logging, metrics, collections,
            ]),
        room("Targets", ["JSON", "Storage", "AWSAPI", nioCore, httpTypes, crypto, logging, metrics]),
        // floor 3
        room("Registry", ["JSON", "Storage", "AWSAPI", "Identity", logging]),
        room("DeviceLogs", ["JSON", "Storage", "AWSAPI", "Broker", logging, metrics]),
        room(
            "Rules",
            [
                "CKafka", "JSON", "Storage", "AWSAPI", "Identity", "Broker", nioCore, nioPosix, nioSSL, nioHTTP1, httpTypes, httpClient,
                crypto, logging, metrics, collections,
            ]),
        room("Shadows", ["JSON", "Storage", "AWSAPI", "Identity", "Broker", nioCore, logging, metrics]),
        // floor 4
        room(
            "Gateway",
            [
                "JSON", "Storage", "AWSAPI", "Identity", "Broker", nioCore, nioPosix, nioSSL, nioTLS, nioHTTP1, nioWebSocket,
                hummingbirdCore, httpTypes, x509, logging, metrics, atomics,
            ]),
        room("Console", ["JSON", "AWSAPI", nioCore, hummingbird, hummingbirdCore, httpTypes, metrics, logging, atomics]),
        // floor 5
        .executableTarget(
            name: "roost",
            dependencies: [
                "JSON", "Storage", "AWSAPI", "Identity", "Broker", "Registry", "Rules", "Shadows", "DeviceLogs", "Targets", "Functions",
                "Gateway", "Console",
                nioCore, nioPosix, nioSSL, nioHTTP1, nioWebSocket, httpClient, lifecycle, argumentParser, yams, logging, metrics, crypto,
                x509,
            ], swiftSettings: settings),
        .target(
            name: "OperationTesting", dependencies: ["AWSAPI", "JSON", nioCore, httpTypes, logging], path: "Tests/OperationTesting",
            swiftSettings: settings),
        tests("JSONTests", ["JSON"]),
        tests("StorageTests", ["Storage", grdb, logging]),
        tests("AWSAPITests", ["AWSAPI", "JSON", nioCore, nioPosix, nioSSL, httpTypes, httpClient, crypto, logging]),
        tests(
            "IdentityTests",
            ["Identity", "JSON", "Storage", "AWSAPI", "OperationTesting", x509, asn1, crypto, cryptoExtras, nioCore, logging]),
        tests("BrokerTests", ["Broker", "Storage", nioCore, nioPosix, nioEmbedded, logging]),
        tests("DeviceLogsTests", ["DeviceLogs", "Broker", "Storage", "AWSAPI", "OperationTesting", "JSON", nioPosix, logging]),
        tests("RegistryTests", ["Registry", "Identity", "AWSAPI", "OperationTesting", "Storage", "JSON", logging]),
        tests("FunctionsTests", ["CZlib", "Functions", "Storage", "AWSAPI", "OperationTesting", "JSON", nioCore, nioPosix, logging]),
        tests(
            "RulesTests", ["Rules", "Broker", "Identity", "Storage", "AWSAPI", "JSON", nioCore, nioPosix, httpTypes, httpClient, logging]),
        tests("TargetsTests", ["Targets", "Storage", "AWSAPI", "OperationTesting", "JSON", nioCore, httpTypes, logging]),
        tests("ShadowsTests", ["Shadows", "Broker", "Storage", "AWSAPI", "JSON", nioCore, nioPosix, logging]),
        tests("GatewayTests", ["Gateway", "Broker", "Identity", "AWSAPI", "Storage", "JSON", nioCore, nioPosix, nioSSL, logging]),
        tests(
            "RoostTests",
            [
                "roost", "AWSAPI", "Functions", "Registry", "Rules", "Shadows", "Broker", "JSON", nioCore, nioEmbedded, argumentParser,
                logging,
            ]),
    ]
)
