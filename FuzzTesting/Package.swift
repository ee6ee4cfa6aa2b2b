// swift-tools-version: 6.2
import PackageDescription

// The parsers of Roost under libFuzzer (https://llvm.org/docs/LibFuzzer.html). A package of its own: the flags below are "unsafe" to
// SwiftPM and would keep others from depending on Roost. The folders of the rooms are links, so that the code is the same and
// `package` declarations are visible.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Rooms are instrumented too, or the fuzzer would learn nothing from them. `-enable-testing` opens the codec's internal types.
    .unsafeFlags(["-sanitize=fuzzer", "-parse-as-library", "-enable-testing"]),
]

/// libFuzzer's own `main` is of no use, because SwiftPM links an executable by the name of its target's `main`.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + ["CLibFuzzer"], swiftSettings: settings,
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
}

let package = Package(
    name: "roost-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .target(name: "JSON", swiftSettings: settings),
        // Of these rooms only what is fuzzed and what that needs.
        .target(name: "Identity", dependencies: ["JSON"], swiftSettings: settings),
        .target(
            name: "Broker", dependencies: [.product(name: "NIOCore", package: "swift-nio")], swiftSettings: settings),
        .target(name: "Shadows", dependencies: ["JSON"], swiftSettings: settings),
        .target(name: "Rules", dependencies: ["JSON", .product(name: "Crypto", package: "swift-crypto")], swiftSettings: settings),
        .target(name: "Registry", swiftSettings: settings),
        fuzzer("FuzzJSON", ["JSON"]),
        fuzzer("FuzzPolicy", ["Identity", "JSON"]),
        fuzzer("FuzzSQL", ["Rules", "JSON"]),
        fuzzer("FuzzShadows", ["Shadows", "JSON"]),
        fuzzer("FuzzQuery", ["Registry", "JSON"]),
        fuzzer("FuzzMQTT", ["Broker", .product(name: "NIOCore", package: "swift-nio")]),
    ]
)
