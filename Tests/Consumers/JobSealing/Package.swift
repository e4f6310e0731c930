// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "consumer-of-JobSealing",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vitals", path: "../../..", traits: ["Sealing"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    ],
    targets: [
        .executableTarget(
            name: "Consumer",
            dependencies: [
                .product(name: "JobSealing", package: "vitals"),
                .product(name: "JobQueue", package: "vitals"),
                .product(name: "Crypto", package: "swift-crypto"),
            ])
    ]
)
