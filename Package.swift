// swift-tools-version: 6.1
import PackageDescription

/// The settings every Swift target of the house shares.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ room: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(room)Tests", dependencies: [.target(name: room)] + dependencies, swiftSettings: settings)
}

/// An executable that tests start as a process of its own.
func helper(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Tests/Helpers/\(name)", swiftSettings: settings)
}

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let memoryTracing: Target.Dependency = .product(name: "InMemoryTracing", package: "swift-distributed-tracing")
let crypto: Target.Dependency = .product(
    name: "Crypto", package: "swift-crypto", condition: .when(traits: ["Sealing"]))
let swiftMetrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")

let guarded: TargetDependencyCondition? = .when(traits: ["Hummingbird"])
let hummingbird: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird", condition: guarded),
    .product(name: "NIOCore", package: "swift-nio", condition: guarded),
    .product(name: "NIOPosix", package: "swift-nio", condition: guarded),
    .product(name: "NIOHTTPTypes", package: "swift-nio-extras", condition: guarded),
    .product(name: "HTTPTypes", package: "swift-http-types", condition: guarded),
]

let products = [
    "ConnectionPool", "ServiceMetrics", "HealthChecks", "PatientGen", "JobQueue", "RateLimiting", "StructuredLogging",
    "SQLDatabase", "PostgresBackend", "SQLiteBackend", "RedisBackend", "JobQueueSQL", "ServiceIntegration",
    "HummingbirdIntegration", "JobSealing", "ConnectionPoolTestKit", "JobQueueTestKit", "SQLTestKit",
]

let package = Package(
    name: "vitals",
    platforms: [.macOS(.v15)],
    products: products.map { .library(name: $0, targets: [$0]) },
    traits: [
        .trait(name: "Redis", description: "RedisBackend on hiredis: shared rate limits and cache."),
        .trait(name: "Hummingbird", description: "HummingbirdIntegration: middleware and routes for Hummingbird 2."),
        .trait(name: "Sealing", description: "JobSealing: jobs whose data is encrypted in the store, by swift-crypto."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.1.0"),
        // Only for those who turn the trait Hummingbird on.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.25.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        // Only for those who turn the trait Sealing on.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    ],
    targets: [
        // What all stand on: the standard library and the system only. No product.
        .systemLibrary(name: "CVitalsLinux"),
        room("VitalsSupport", [.target(name: "CVitalsLinux", condition: .when(platforms: [.linux]))]),

        // Cores: the standard library and VitalsSupport only.
        room("ConnectionPool", ["VitalsSupport"]),
        room("ServiceMetrics"),
        room("HealthChecks"),
        room("PatientGen"),
        room("JobQueue", ["VitalsSupport", log]),
        room("RateLimiting"),
        room("StructuredLogging", [log]),

        // Databases.
        .systemLibrary(
            name: "CVitalsLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CVitalsSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]),
        // Without pkgConfig: hiredis' own says -D_FILE_OFFSET_BITS=64, which SwiftPM refuses with a warning for every user.
        .systemLibrary(name: "CVitalsHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        room("DriverExecutors", ["CVitalsLinux", "VitalsSupport"]),
        room("SQLDatabase", ["ConnectionPool", log, tracing]),
        room("PostgresBackend", ["SQLDatabase", "ConnectionPool", "DriverExecutors", "CVitalsLibPQ", log, tracing]),
        room("SQLiteBackend", ["SQLDatabase", "ConnectionPool", "DriverExecutors", "CVitalsSQLite", log, tracing]),
        room(
            "RedisBackend",
            [
                "ConnectionPool", "RateLimiting", "DriverExecutors",
                .target(name: "CVitalsHiredis", condition: .when(traits: ["Redis"])),
            ]),
        room("JobQueueSQL", ["JobQueue", "SQLDatabase", "PostgresBackend", "SQLiteBackend", "ConnectionPool", log]),

        // Glue.
        room("JobSealing", ["JobQueue", crypto]),
        room(
            "ServiceIntegration",
            [
                "ConnectionPool", "ServiceMetrics", "HealthChecks", "JobQueue", "SQLDatabase", "RateLimiting",
                "StructuredLogging", log, lifecycle, signals, tracing, swiftMetrics,
            ]),
        room(
            "HummingbirdIntegration",
            [
                "ServiceMetrics", "HealthChecks", "RateLimiting", "StructuredLogging", "ServiceIntegration", log,
                tracing, swiftMetrics,
            ] + hummingbird),

        // Test kits.
        room("ConnectionPoolTestKit", ["ConnectionPool"]),
        room("JobQueueTestKit", ["JobQueue", log]),
        room("SQLTestKit", ["SQLDatabase", "PostgresBackend", "SQLiteBackend", "ConnectionPool"]),

        // Tests, and what they start: real servers, faulty networks, processes to kill. And the one source of chance.
        .target(name: "TestServers", path: "Tests/Support", swiftSettings: settings),
        helper("sqlite-writer", ["SQLiteBackend", "SQLDatabase"]),
        helper("database-stress", ["PostgresBackend", "SQLDatabase", "ConnectionPool"]),
        helper("job-worker", ["JobQueue", "JobQueueSQL", "PostgresBackend", "SQLiteBackend"]),
        helper("test-database-user", ["SQLTestKit"]),
        tests("ConnectionPool", ["ConnectionPoolTestKit", "TestServers", "VitalsSupport"]),
        tests("ServiceMetrics", ["TestServers"]),
        tests("HealthChecks", ["TestServers"]),
        tests("PatientGen"),
        tests("RateLimiting", ["TestServers"]),
        tests(
            "HummingbirdIntegration",
            [
                "ServiceMetrics", "ServiceIntegration", swiftMetrics,
                .product(name: "HummingbirdTesting", package: "hummingbird", condition: guarded),
                .product(name: "NIOEmbedded", package: "swift-nio", condition: guarded),
            ] + hummingbird),
        tests("StructuredLogging", ["TestServers", log]),
        tests(
            "ServiceIntegration",
            [
                "ServiceMetrics", "HealthChecks", "ConnectionPool", "JobQueue", "SQLDatabase", "SQLiteBackend",
                "PostgresBackend", "TestServers", lifecycle, signals, swiftMetrics, tracing, memoryTracing, log,
            ]),
        tests("RedisBackend", ["ConnectionPool", "ConnectionPoolTestKit", "RateLimiting", "TestServers"]),
        tests("DriverExecutors", ["TestServers"]),
        tests("SQLDatabase", ["SQLiteBackend", "PostgresBackend", "ConnectionPool", "TestServers"]),
        tests(
            "PostgresBackend",
            [
                "TestServers", "DriverExecutors", "SQLDatabase", "ConnectionPool", "ConnectionPoolTestKit",
                "database-stress", log, tracing, memoryTracing,
            ]),
        tests(
            "SQLiteBackend",
            [
                "sqlite-writer", "TestServers", "DriverExecutors", "SQLDatabase", "ConnectionPool",
                "ConnectionPoolTestKit", log, tracing, memoryTracing,
            ]),
        tests(
            "SQLTestKit",
            ["SQLDatabase", "PostgresBackend", "SQLiteBackend", "ConnectionPool", "TestServers", "test-database-user"]),
        tests("JobQueue", ["JobQueueTestKit", log]),
        tests("JobSealing", ["JobQueue", "JobQueueTestKit", "TestServers", crypto]),
        tests(
            "JobQueueSQL",
            [
                "JobQueue", "JobQueueTestKit", "SQLiteBackend", "PostgresBackend", "ConnectionPool", "SQLDatabase",
                "TestServers", "job-worker", log,
            ]),
    ]
)
