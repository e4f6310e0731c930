// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "quick-start",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: "../..", traits: ["Hummingbird"]),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        .executableTarget(
            name: "QuickStart",
            dependencies: [
                .product(name: "SQLiteBackend", package: "vitals"),
                .product(name: "ServiceMetrics", package: "vitals"),
                .product(name: "HealthChecks", package: "vitals"),
                .product(name: "ServiceIntegration", package: "vitals"),
                .product(name: "HummingbirdIntegration", package: "vitals"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ])
    ]
)
