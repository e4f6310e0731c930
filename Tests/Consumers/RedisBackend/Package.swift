// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "consumer-of-RedisBackend",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: "../../..", traits: ["Redis"])
    ],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "RedisBackend", package: "vitals"),
                .product(name: "RateLimiting", package: "vitals"),
            ])
    ]
)
