// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "consumer-of-SQLTestKit",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: "../../..")
    ],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "SQLTestKit", package: "vitals")
            ])
    ]
)
