// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func vitals(_ name: String) -> Target.Dependency { .product(name: name, package: "vitals") }

/// A suite is an executable of its own, so that measuring one builds only what it needs.
func suite(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "bench-\(name)", dependencies: ["BenchHarness"] + dependencies, swiftSettings: settings)
}

let package = Package(
    name: "vitals-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .target(name: "BenchHarness", swiftSettings: settings),
        suite("pool", [vitals("ConnectionPool"), vitals("PostgresBackend"), vitals("SQLDatabase")]),
        suite("postgres", [vitals("PostgresBackend"), vitals("SQLDatabase"), vitals("ConnectionPool")]),
        suite(
            "epic",
            [vitals("PostgresBackend"), vitals("SQLDatabase"), vitals("ConnectionPool"), vitals("PatientGen")]),
        suite(
            "sqlite",
            [
                vitals("SQLiteBackend"), vitals("SQLDatabase"), vitals("ConnectionPool"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        suite("patients", [vitals("PatientGen")]),
        suite(
            "jobs",
            [
                vitals("JobQueue"), vitals("JobQueueSQL"), vitals("PostgresBackend"), vitals("SQLiteBackend"),
                vitals("SQLDatabase"), vitals("ConnectionPool"), .product(name: "Logging", package: "swift-log"),
            ]),
        suite(
            "metrics",
            [
                vitals("ServiceMetrics"), vitals("ServiceIntegration"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ]),
        suite(
            "server",
            [
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
            ]),
        suite("health", [vitals("HealthChecks")]),
        suite("logging", [vitals("StructuredLogging"), .product(name: "Logging", package: "swift-log")]),
    ]
)
