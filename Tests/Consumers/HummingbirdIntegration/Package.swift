// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "consumer-of-HummingbirdIntegration",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: "../../..", traits: ["Hummingbird"]),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "HummingbirdIntegration", package: "vitals"),
                .product(name: "ServiceMetrics", package: "vitals"),
                .product(name: "HealthChecks", package: "vitals"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ])
    ]
)
