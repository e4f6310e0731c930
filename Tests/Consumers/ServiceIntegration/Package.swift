// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "consumer-of-ServiceIntegration",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: "../../.."),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "ServiceIntegration", package: "vitals"),
                .product(name: "HealthChecks", package: "vitals"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ])
    ]
)
