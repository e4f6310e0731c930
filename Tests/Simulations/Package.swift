// swift-tools-version: 6.1
import PackageDescription

/// A package of its own: the pool's sources, compiled with a program that runs them on a clock and a scheduler of its own.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "vitals-simulations",
    platforms: [.macOS(.v15)],
    targets: [
        .systemLibrary(name: "CVitalsLinux", path: "CVitalsLinux"),
        .target(name: "VitalsSupport", dependencies: ["CVitalsLinux"], path: "VitalsSupport", swiftSettings: settings),
        .target(
            name: "ConnectionPool", dependencies: ["VitalsSupport"], path: "ConnectionPool",
            exclude: ["ConnectionPool.docc"], swiftSettings: settings),
        .executableTarget(
            name: "simulate-pool", dependencies: ["ConnectionPool"], path: "Simulator", swiftSettings: settings),
    ]
)
