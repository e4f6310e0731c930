import Foundation
import Testing

/// What `patientgen` writes, read by programs of others.
@Suite(
    .serialized,
    .enabled(if: Tool.python != nil, "VITALS_TEST_PYTHON must name a Python with Tests/Validators/requirements.txt"))
struct ValidatorTests {
    @Test func `json, csv, xml, xlsx, gzip, encryption and bulk export tell of the same patients of all nations`()
        throws
    {
        try Tool.inFolder { folder in
            let scenario = folder.appendingPathComponent("scenario.json").path
            try Tool.allNations.write(toFile: scenario, atomically: true, encoding: .utf8)
            let out = folder.path + "/out/"
            func generate(_ arguments: [String]) throws {
                let run = try Tool.generate(
                    ["--scenario", scenario, "--seed", "11"] + arguments,
                    environment: ["PATIENTGEN_PASSWORD": "correct horse"])
                #expect(run.code == 0, "\(run.errors)")
                #expect(run.errors.isEmpty)
            }
            try generate(["--format", "ndjson,json,csv,xml,xlsx,fhir-ndjson", "--output", out])
            try generate(["--format", "csv", "--gzip", "--output", out + "patients.csv.gz"])
            try generate(["--encrypt", "--output", out + "patients.ndjson.enc"])
            let check = try Tool.validate("exports.py", [out, "3200", "correct horse"])
            #expect(check.code == 0, "\(check.errors.suffix(2000))")
            #expect(String(decoding: check.output, as: UTF8.self).contains("3200 patients of 32 nations"))
        }
    }

    /// With VITALS_LONG=1 both readers take 1,000 bundles of each kind; else fewer, as fhircraft needs up to a second for one.
    private static let bundles =
        ProcessInfo.processInfo.environment["VITALS_LONG"] == "1"
        ? [("ips", 1000, 1000), ("fhir-bundle", 1000, 1000)] : [("ips", 1000, 60), ("fhir-bundle", 300, 12)]

    @Test(arguments: bundles)
    func `two FHIR validators accept every bundle, with the rules of the patient summary and closed references`(
        format: String, count: Int, limit: Int
    ) throws {
        try Tool.inFolder { folder in
            let scenario = folder.appendingPathComponent("scenario.json").path
            try Tool.allNations.write(toFile: scenario, atomically: true, encoding: .utf8)
            let file = folder.appendingPathComponent("bundles.ndjson").path
            let run = try Tool.generate([
                "--scenario", scenario, "--count", "\(count)", "--format", format, "--output", file,
            ])
            #expect(run.code == 0, "\(run.errors)")
            let check = try Tool.validate("fhir_bundles.py", [file, "\(limit)"])
            #expect(check.code == 0, "\(String(decoding: check.output, as: UTF8.self)) \(check.errors.suffix(2000))")
            #expect(String(decoding: check.output, as: UTF8.self).hasPrefix("\(count) bundles"))
        }
    }

    @Test func `a terminal gets a progress bar with rate and time, and a pipe does not`() throws {
        try Tool.inFolder { folder in
            let script = """
                import os, pty, sys
                child, terminal = pty.fork()
                if child == 0:
                    os.execv(sys.argv[1], sys.argv[1:])
                text = b""
                while True:
                    try:
                        part = os.read(terminal, 65536)
                    except OSError:
                        break
                    if not part:
                        break
                    text += part
                sys.stdout.buffer.write(text)
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                """
            let out = folder.appendingPathComponent("patients.csv").path
            let arguments = ["--count", "40000", "--format", "csv", "--output", out]
            let run = try Tool.run(Tool.python ?? "", ["-c", script, Tool.patientgen] + arguments)
            let text = String(decoding: run.output, as: UTF8.self)
            #expect(run.code == 0, "\(text)")
            #expect(text.contains("100 %  40000 of 40000"), "\(text)")
            #expect(text.contains("patients/s") && text.contains("B/s"))
            #expect(try Tool.generate(arguments).errors.isEmpty)
        }
    }
}
