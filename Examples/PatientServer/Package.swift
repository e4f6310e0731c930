// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func vitals(_ name: String) -> Target.Dependency { .product(name: name, package: "vitals") }

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "patient-server",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "patient-server", targets: ["PatientServer"]),
        .executable(name: "patientgen", targets: ["patientgen"]),
        .executable(name: "vitals-log", targets: ["vitals-log"]),
        .library(name: "PatientExport", targets: ["PatientExport"]),
    ],
    traits: [
        .default(enabledTraits: ["Redis"]),
        .trait(name: "Redis", description: "Rate limits and a cache that all servers share."),
    ],
    dependencies: [
        .package(
            name: "vitals", path: "../..",
            traits: ["Hummingbird", .trait(name: "Redis", condition: .when(traits: ["Redis"]))]),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.20.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
    ],
    targets: [
        .executableTarget(
            name: "PatientServer",
            dependencies: [
                "PatientExport", "CVitalsZlib",
                .product(
                    name: "RedisBackend", package: "vitals", condition: .when(traits: ["Redis"])),
                vitals("ConnectionPool"), vitals("ServiceMetrics"), vitals("HealthChecks"), vitals("PatientGen"),
                vitals("JobQueue"), vitals("JobQueueSQL"), vitals("RateLimiting"), vitals("StructuredLogging"),
                vitals("SQLDatabase"), vitals("PostgresBackend"), vitals("SQLiteBackend"),
                vitals("ServiceIntegration"), vitals("HummingbirdIntegration"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                arguments, crypto, cryptoExtras, yaml, log,
            ],
            resources: [
                "index.html", "app.js", "pictures.js", "style.css", "docs.html", "docs.js", "openapi.json",
            ].map { .embedInCode("Pages/\($0)") },
            swiftSettings: settings
        ),

        // Outputs that need a package or a C library.
        .systemLibrary(name: "CVitalsZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "PatientExport", dependencies: ["CVitalsZlib", vitals("PatientGen"), crypto, cryptoExtras],
            swiftSettings: settings),
        .executableTarget(
            name: "patientgen", dependencies: ["PatientExport", vitals("PatientGen"), arguments, yaml],
            swiftSettings: settings),

        // Log analysis.
        .target(name: "LogAnalysis", swiftSettings: settings),
        .executableTarget(name: "vitals-log", dependencies: ["LogAnalysis", arguments], swiftSettings: settings),

        .testTarget(
            name: "PatientExportTests", dependencies: ["PatientExport", vitals("PatientGen")], swiftSettings: settings),
        .testTarget(name: "LogAnalysisTests", dependencies: ["LogAnalysis"], swiftSettings: settings),

        // End to end, on the real binaries.
        .target(name: "ServerTestSupport", path: "Tests/Support", swiftSettings: settings),
        .testTarget(
            name: "PatientServerTests",
            dependencies: [
                "ServerTestSupport", "PatientServer", "PatientExport", vitals("JobQueue"), vitals("SQLDatabase"),
                vitals("ServiceMetrics"), vitals("ServiceIntegration"), vitals("HummingbirdIntegration"),
                .product(name: "Hummingbird", package: "hummingbird"), log,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings),
    ]
)
