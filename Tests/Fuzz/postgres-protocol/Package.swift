// swift-tools-version: 6.1
import PackageDescription

/// A package of its own: its module SQLDatabase is the one of the libraries, compiled for coverage, without the parts that
/// need other packages.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-sanitize=fuzzer"]),
]
let archive = Context.environment["VITALS_FUZZER"].map { [LinkerSetting.unsafeFlags([$0, "-lstdc++"])] } ?? []

let values = [
    "CalendarText", "ColumnDecoder", "DecimalText", "ExactJSON", "ExactText", "FNVHash", "JSONText", "ObjectName",
    "PostgresArrayText", "QuotedName", "RowDecoder", "RowDecoding", "SQLColumns", "SQLConnection", "SQLDecodingError",
    "SQLFragment", "SQLIdentifier", "SQLIntegers", "SQLInterpolation", "SQLInterval", "SQLJSON", "SQLLexer", "SQLQuery",
    "SQLQuotes", "SQLRow", "SQLTime", "SQLValue", "SQLValue+Arrays", "SQLValue+Foundation", "SQLValue+Types",
]

let package = Package(
    name: "vitals-fuzz-postgres-protocol",
    platforms: [.macOS(.v15)],
    targets: [
        .target(
            name: "SQLDatabase", path: "SQLDatabase",
            sources: ["Classification.swift"] + values.map { "Sources/\($0).swift" }, swiftSettings: settings),
        .executableTarget(
            name: "fuzz-postgres-protocol", dependencies: ["SQLDatabase"], path: "Fuzzer", swiftSettings: settings,
            linkerSettings: archive),
    ]
)
