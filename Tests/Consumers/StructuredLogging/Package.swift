// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "consumer-of-StructuredLogging",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: "../../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "StructuredLogging", package: "vitals"),
                .product(name: "Logging", package: "swift-log"),
            ])
    ]
)
