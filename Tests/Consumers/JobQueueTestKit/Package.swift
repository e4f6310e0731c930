// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "consumer-of-JobQueueTestKit",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: "../../..")
    ],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "JobQueueTestKit", package: "vitals"),
                .product(name: "JobQueue", package: "vitals"),
            ])
    ]
)
