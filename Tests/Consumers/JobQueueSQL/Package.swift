// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "consumer-of-JobQueueSQL",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: "../../..")
    ],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "JobQueueSQL", package: "vitals"),
                .product(name: "JobQueue", package: "vitals"),
                .product(name: "SQLiteBackend", package: "vitals"),
            ])
    ]
)
