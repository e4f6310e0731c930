// swift-tools-version: 6.2
import PackageDescription

/// `Scripts/interleavings` puts this package together in `.build`: with the pool's own sources in
/// `Sources/interleavings/Pool`, compiled against the modules here.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "vitals-interleavings",
    targets: [
        .target(name: "CRaces"),
        .systemLibrary(name: "CVitalsLinux"),
        .target(name: "VitalsSupport", dependencies: ["CVitalsLinux"], swiftSettings: settings),
        .target(name: "Interleaving", dependencies: ["CRaces"], swiftSettings: settings),
        // Its name hides the standard library's module, so that the pool's sources need no change.
        .target(name: "Synchronization", dependencies: ["Interleaving"], swiftSettings: settings),
        .executableTarget(
            name: "interleavings", dependencies: ["Synchronization", "Interleaving", "VitalsSupport"],
            // The compiler reports each access to memory, to CRaces instead of the thread sanitizer.
            swiftSettings: settings + [.unsafeFlags(["-sanitize=thread"])]),
    ]
)
