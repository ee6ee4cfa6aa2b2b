// swift-tools-version: 6.2
import PackageDescription

// Micro-benchmarks of what runs for each packet (https://github.com/ordo-one/benchmark):
//     swift package --package-path Benchmarks/Micro benchmark [--filter NAME]
// The folders of the rooms are links, so that the code is the same and `package` declarations are visible.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func benchmarks(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + [.product(name: "Benchmark", package: "benchmark")], path: "Benchmarks/\(name)",
        swiftSettings: settings, plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
}

let package = Package(
    name: "roost-micro-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        // Without its trait for jemalloc, which would have to be installed (and which counts allocations).
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: [])
    ],
    targets: [
        .target(name: "JSON", swiftSettings: settings),
        .target(name: "Identity", dependencies: ["JSON"], swiftSettings: settings),
        benchmarks("JSONBenchmarks", ["JSON"]),
        benchmarks("PolicyBenchmarks", ["Identity"]),
    ]
)
