// swift-tools-version: 6.1
import PackageDescription

/// Compiled for coverage; the sources under test are linked into each target's folder, so they are too. `Scripts/fuzz`
/// names libFuzzer's archive, which comes with the toolchain.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-sanitize=fuzzer"]),
]
let archive = Context.environment["VITALS_FUZZER"].map { [LinkerSetting.unsafeFlags([$0, "-lstdc++"])] } ?? []

func fuzz(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: "fuzz-\(name)", dependencies: dependencies, path: name, swiftSettings: settings, linkerSettings: archive)
}

let package = Package(
    name: "vitals-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "patient-server", path: "../../Examples/PatientServer"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        fuzz("scenario"),
        fuzz("logs"),
        fuzz(
            "settings",
            [.product(name: "Configuration", package: "swift-configuration"), .product(name: "Yams", package: "Yams")]),
        fuzz("decryption", [.product(name: "PatientExport", package: "patient-server")]),
    ]
)
