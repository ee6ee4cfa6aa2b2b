// swift-tools-version: 6.2
import PackageDescription

// Evaluations of rules' statements on one core: `./dev bench rules` builds and runs it.
// The folders of the rooms are links, so that the code is the same and `package` declarations are visible.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "roost-rule-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.2")],
    targets: [
        .target(name: "JSON", swiftSettings: settings),
        .target(name: "SQL", dependencies: ["JSON", .product(name: "Crypto", package: "swift-crypto")], swiftSettings: settings),
        .executableTarget(name: "EvaluationBench", dependencies: ["JSON", "SQL"], swiftSettings: settings),
    ]
)
