import Foundation

/// The real `patientgen` of this build, and the Python that checks what it wrote.
enum Tool {
    /// The folder that holds the products of this build.
    static let products: String = {
        let test =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return (test as NSString).deletingLastPathComponent
    }()

    static let patientgen = "\(products)/patientgen"

    /// A Python with the validators' packages: of VITALS_TEST_PYTHON.
    static let python: String? = {
        guard let named = ProcessInfo.processInfo.environment["VITALS_TEST_PYTHON"],
            let run = try? run(named, ["-c", "import openpyxl, cryptography, google.fhir.r4, fhircraft"]),
            run.code == 0
        else { return nil }
        return named
    }()

    /// The repository's folder of validators, found upward from here.
    static let validators: String = {
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let found = folder.appendingPathComponent("Tests/Validators").path
            if FileManager.default.fileExists(atPath: found) { return found }
        }
        return "Tests/Validators"
    }()

    struct Run {
        var code: Int32
        var output: Data
        var errors: String
    }

    static func start(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs to the end.
    static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Run {
        try inFolder { folder in
            // Files, not pipes: nothing can fill up.
            let output = folder.appendingPathComponent("output")
            let errors = folder.appendingPathComponent("errors")
            for file in [output, errors] { try Data().write(to: file) }
            let process = try start(path, arguments, environment: environment)
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
            process.waitUntilExit()
            return Run(
                code: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
                output: try Data(contentsOf: output), errors: try String(contentsOf: errors, encoding: .utf8))
        }
    }

    static func generate(_ arguments: [String], environment: [String: String] = [:]) throws -> Run {
        try run(patientgen, arguments, environment: environment)
    }

    static func validate(_ script: String, _ arguments: [String]) throws -> Run {
        try run(python ?? "", ["-W", "ignore", "\(validators)/\(script)"] + arguments)
    }

    static func inFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("patientgen-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    /// A scenario that has patients of all 32 nations and of every kind.
    static let allNations: String = {
        let codes =
            "ALB BEL BGR CAN CZE DEU DNK ESP EST FIN FRA GBR GRC HRV HUN ISL ITA LTU LUX LVA MKD MNE NLD NOR POL PRT ROU SVK SVN SWE TUR USA"
        let shares = codes.split(separator: " ").map { "{\"nationality_code\":\"\($0)\",\"percentage\":3.125}" }
        return """
            {"total_patients":3200,"days_of_fighting":8,"intensity":"high","tempo":"surge",
             "warfare_types":{"conventional":true,"artillery":true,"drone":true,"cbrn":true},
             "special_events":{"mass_casualty":true},
             "injury_mix":{"Disease":0.3,"Non-Battle Injury":0.2,"Battle Injury":0.5},
             "front_configs":[{"id":"f","name":"North, \\"east\\" & <far>","casualty_rate":1,
             "nationality_distribution":[\(shares.joined(separator: ","))]}]}
            """
    }()
}
