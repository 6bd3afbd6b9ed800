// swift-tools-version: 6.2
import PackageDescription

/// For `scripts/fuzz`: `libfuzzer` or `replies`.
let fuzz = Context.environment["CACHEWATCH_FUZZ"]

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
    ] + (fuzz == "replies" ? [.unsafeFlags(["-enable-testing"])] : [])
/// Targets that import the standard library and each other only: no Foundation, no C, no clock, no I/O. `scripts/floors`
/// looks that they do.
let pure: [SwiftSetting] = strict + [.strictMemorySafety()]
/// The same, optimised in debug builds, too: tests draw some hundred thousand screens. All checks and traps stay; what
/// `CacheCore` links may not have such flags.
let quick: [SwiftSetting] = pure + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// The one lock of all targets, which the thread sanitizer follows, as it does not follow the standard library's `Mutex`.
let lock: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")

let package = Package(
    name: "cachewatch",
    products: [
        .executable(name: "cachewatch", targets: ["cachewatch"]),
        .library(name: "CacheCore", targets: ["CacheCore"]),
        .library(name: "CacheCoreService", targets: ["CacheCoreService"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
        .target(name: "CTerminalGuard"),

        .target(name: "Characters", swiftSettings: pure),
        .target(name: "RedisValues", dependencies: ["Characters"], swiftSettings: pure),
        .target(
            name: "CacheWire",
            dependencies: [
                "RedisValues", "CHiredis",
                .product(name: "DequeModule", package: "swift-collections"),
                lock,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "CacheCore",
            dependencies: [
                "RedisValues", "CacheWire", lock,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // Apart, so that the command line links neither of them.
        .target(
            name: "CacheCoreService",
            dependencies: [
                "CacheCore", "RedisValues", lock,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(name: "CacheModel", dependencies: ["RedisValues"], swiftSettings: quick),
        .target(name: "Recording", dependencies: ["CacheModel"], swiftSettings: quick),
        .target(
            name: "CacheWatch",
            dependencies: [
                "RedisValues", "CacheWire", "CacheCore", "CacheModel", "Recording", lock,
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: strict
        ),
        .target(name: "TerminalUI", dependencies: ["Characters"], swiftSettings: quick),
        .target(
            name: "NcursesTerminal",
            dependencies: ["TerminalUI", "CNcurses", "CTerminalGuard", lock],
            swiftSettings: strict
        ),
        .target(name: "Dashboard", dependencies: ["CacheModel", "Recording", "TerminalUI"], swiftSettings: quick),
        .target(name: "CommandLineModel", dependencies: ["CacheModel"], swiftSettings: pure),
        .target(name: "DemoShop", dependencies: ["RedisValues", "CacheModel"], swiftSettings: quick),
        .target(name: "Reports", dependencies: ["CacheModel", "TerminalUI"], swiftSettings: strict),
        .executableTarget(
            name: "cachewatch",
            dependencies: [
                "CacheModel", "CacheCore", "CacheWatch", "TerminalUI", "NcursesTerminal", "CTerminalGuard", "Dashboard",
                "Recording", "Reports", "CommandLineModel", "DemoShop", lock,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "Support",
            dependencies: ["RedisValues", "CacheModel", "TerminalUI", lock],
            path: "Tests/Support",
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(name: "RedisValuesTests", dependencies: ["RedisValues", "Support"], swiftSettings: strict),
        .testTarget(
            name: "CacheWireTests",
            dependencies: ["RedisValues", "CacheWire", "Support", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CacheModelTests",
            dependencies: ["RedisValues", "CacheModel", "Support"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RecordingTests",
            dependencies: ["Recording", "RedisValues", "CacheModel", "Support"],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CacheWatchTests",
            dependencies: [
                "RedisValues", "CacheWire", "CacheCore", "CacheModel", "CacheWatch", "Recording", "Support",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TerminalUITests",
            dependencies: ["TerminalUI", "NcursesTerminal", "Support"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DashboardTests",
            dependencies: ["Dashboard", "CacheModel", "TerminalUI", "Support"],
            exclude: ["Golden", "Sessions"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CommandLineModelTests", dependencies: ["CommandLineModel", "CacheModel"], swiftSettings: strict),
        .testTarget(
            name: "DemoShopTests", dependencies: ["DemoShop", "RedisValues", "CacheModel"], swiftSettings: strict),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["Reports", "CacheModel", "TerminalUI", "Support"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "CacheCore", "CacheCoreService", "CacheModel", "CacheWatch", "CacheWire", "RedisValues", "Support",
                lock,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        // The shop's server, which is a package of its own: compiled as it is from outside, but with what is built here anyway.
        .executableTarget(
            name: "shop",
            dependencies: [
                "CacheCore", "CacheCoreService", lock,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/ShopServer/Sources",
            packageAccess: false,
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["cachewatch", "shop", "CacheModel", "CommandLineModel", "Support"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
    ]
)

// Only for scripts/bench.
if Context.environment["CACHEWATCH_BENCH"] != nil {
    package.targets.append(
        .executableTarget(
            name: "bench", dependencies: ["CacheModel", "Dashboard", "TerminalUI"], path: "Tests/Bench",
            swiftSettings: strict))
    package.targets.append(
        .executableTarget(
            name: "servers", dependencies: ["CacheCore", lock, .product(name: "Logging", package: "swift-log")],
            path: "Tests/BenchServers", exclude: ["loop.c"], swiftSettings: strict))
    package.targets.append(
        .executableTarget(
            name: "records", dependencies: ["CacheModel", "CacheWatch", "Recording"], path: "Tests/BenchRecord",
            swiftSettings: strict))
}

// What the fuzzers and their tests share.
let fuzzed: [Target.Dependency] = [
    "RedisValues", "CacheWire", "CacheCore", "CacheModel", "CacheWatch", "TerminalUI", "Dashboard", "Reports",
]
let folder = "Tests/Fuzz"
switch fuzz {
case "libfuzzer":
    // It has no `main`, which libFuzzer brings along.
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: fuzzed, path: folder, exclude: ["Campaign.swift", "RepliesTests.swift"],
            swiftSettings: strict, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
case "replies":
    package.targets.append(
        .executableTarget(
            name: "replies", dependencies: fuzzed, path: folder, exclude: ["Fuzz.swift", "RepliesTests.swift"],
            swiftSettings: strict))
default:
    package.targets.append(
        .testTarget(
            name: "FuzzTests", dependencies: fuzzed, path: folder, exclude: ["Fuzz.swift", "Campaign.swift"],
            swiftSettings: strict))
}
