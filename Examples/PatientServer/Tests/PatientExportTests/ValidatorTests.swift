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

    @Test func `two FHIR validators accept 1,000 summaries and 1,000 transactions, with closed references`() throws {
        try Tool.inFolder { folder in
            let scenario = folder.appendingPathComponent("scenario.json").path
            try Tool.allNations.write(toFile: scenario, atomically: true, encoding: .utf8)
            let files = try ["ips", "fhir-bundle"].map { format in
                let file = folder.appendingPathComponent("\(format).ndjson").path
                let run = try Tool.generate([
                    "--scenario", scenario, "--count", "1000", "--format", format, "--output", file,
                ])
                #expect(run.code == 0, "\(run.errors)")
                return file
            }
            let check = try Tool.validate("fhir_bundles.py", files)
            let output = String(decoding: check.output, as: UTF8.self)
            #expect(check.code == 0, "\(output) \(check.errors.suffix(2000))")
            #expect(output == "1000 and 1000 bundles, 0 findings\n")
        }
    }

    @Test func `the picture of a workbook in the documentation is what openpyxl reads`() throws {
        try Tool.inFolder { folder in
            let workbook = folder.appendingPathComponent("patients.xlsx").path
            let run = try Tool.generate([
                "--preset", "nato_article_5", "--count", "6", "--seed", "7", "--format", "xlsx", "--output", workbook,
            ])
            #expect(run.code == 0, "\(run.errors)")
            let picture = Tool.validators + "/../../Documentation/Pictures/workbook.svg"
            let writes = ProcessInfo.processInfo.environment["VITALS_WRITE_SAMPLES"] == "1"
            let check = try Tool.validate("sheet_picture.py", [workbook, picture] + (writes ? ["--write"] : []))
            #expect(check.code == 0, "\(check.errors)")
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
