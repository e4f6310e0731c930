import Foundation
import Testing

/// The `patientgen` program from outside.
@Suite(.serialized)
struct CommandTests {
    @Test func `pieces of a range join to the bytes of the whole, in every format`() throws {
        for format in ["ndjson", "json", "csv", "xml", "dd1380", "9line", "mist", "fhir-ndjson", "fhir-bundle", "ips"] {
            let common = ["--count", "300", "--seed", "5", "--format", format]
            let whole = try Tool.generate(common)
            #expect(whole.code == 0, "\(whole.errors)")
            var joined = Data()
            for range in ["1-1", "2-140", "141-299", "300-300"] {
                joined += try Tool.generate(common + ["--range", range]).output
            }
            #expect(joined == whole.output, "\(format)")
        }
    }

    @Test func `any number of threads gives the same bytes, also packed ones`() throws {
        for options in [["--format", "json"], ["--format", "fhir-ndjson"], ["--format", "csv", "--gzip"]] {
            let one = try Tool.generate(["--count", "3000", "--threads", "1"] + options).output
            for threads in ["2", "7"] {
                let many = try Tool.generate(["--count", "3000", "--threads", threads] + options).output
                #expect(many == one, "\(options) on \(threads)")
            }
        }
    }

    @Test(arguments: [false, true])
    func `a run that was killed goes on and gives the bytes of an undisturbed one`(gzip: Bool) throws {
        try Tool.inFolder { folder in
            let path = folder.appendingPathComponent("patients.csv").path
            let whole = folder.appendingPathComponent("whole.csv").path
            var arguments = ["--count", "150000", "--format", "csv"] + (gzip ? ["--gzip"] : [])
            let process = try Tool.start(Tool.patientgen, arguments + ["--output", path])
            try process.run()
            while process.isRunning, !FileManager.default.fileExists(atPath: path + ".resume") { usleep(5000) }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            try #require(FileManager.default.fileExists(atPath: path + ".resume"), "it ended before it could be killed")
            // Another order does not go on with this one's file.
            let other = try Tool.generate(arguments + ["--seed", "9", "--output", path, "--resume"])
            #expect(other.code == 64 && other.errors.contains("another scenario, seed, range, format"))
            arguments += ["--output"]
            let resumed = try Tool.generate(arguments + [path, "--resume", "--stats"])
            #expect(resumed.code == 0, "\(resumed.errors)")
            let undisturbed = try Tool.generate(arguments + [whole, "--stats"])
            #expect(undisturbed.code == 0)
            #expect(
                resumed.errors == undisturbed.errors, "the counts are of all patients, also of those before the stop")
            #expect(FileManager.default.contentsEqual(atPath: path, andPath: whole))
            #expect(!FileManager.default.fileExists(atPath: path + ".resume"))
            let again = try Tool.generate(arguments + [path, "--resume"])
            #expect(again.code == 64 && again.errors.contains("it is finished or of another run"))
        }
    }

    @Test func `who stops reading ends it without a word`() throws {
        let script = "set -o pipefail; \"$0\" --count 2000000 | head -n 1"
        let run = try Tool.run("/bin/bash", ["-c", script, Tool.patientgen])
        #expect(run.code == 0)
        #expect(run.errors.isEmpty)
        #expect(run.output.count { $0 == 0x0a } == 1)
    }

    @Test func `what was encrypted comes back, and a wrong password or a changed byte is told`() throws {
        try Tool.inFolder { folder in
            let path = folder.appendingPathComponent("patients.enc").path
            let secret = folder.appendingPathComponent("password").path
            try "пароль 7\n".write(toFile: secret, atomically: true, encoding: .utf8)
            let plain = try Tool.generate(["--count", "200"]).output
            let sealed = try Tool.generate([
                "--count", "200", "--encrypt", "--password-file", secret, "--output", path,
            ])
            #expect(sealed.code == 0, "\(sealed.errors)")
            #expect(try Tool.generate(["decrypt", path, "--password-file", secret]).output == plain)
            let wrong = try Tool.generate(["decrypt", path], environment: ["PATIENTGEN_PASSWORD": "guess"])
            #expect(wrong.code == 64 && wrong.errors.contains("the password is wrong") && wrong.output.isEmpty)
            #expect(!wrong.errors.contains("guess"))
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count - 1000] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            let output = folder.appendingPathComponent("plain").path
            let changed = try Tool.generate(["decrypt", path, "--password-file", secret, "--output", output])
            #expect(changed.code == 64 && changed.errors.contains("was changed"))
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                    "password", "patients.enc",
                ])
        }
    }

    @Test func `bad input is one line that names it, with exit code 64`() throws {
        let cases: [([String], String)] = [
            (["--format", "pdf"], "--format pdf is not known; there are ndjson"),
            (["--preset", "no_war"], "--preset no_war is not known; there are nato_article_5"),
            (["--preset", "peacekeeping", "--scenario", "x.json"], "not both"),
            (["--scenario", "/nowhere/x.json"], "/nowhere/x.json cannot be read"),
            (["--count", "0"], "'0' is invalid for '--count <count>': it takes a whole number from 1 to 1000000000"),
            (["--count", "-5"], "'-5' is invalid for '--count <count>': it takes a whole number"),
            (["--count", "many"], "'many' is invalid for '--count <count>': it takes a whole number"),
            (["--range", "5-2"], "--range 5-2 is not FIRST-LAST within 1-1440"),
            (["--range", "1-9999"], "--range 1-9999 is not"),
            (["--threads", "0"], "'--threads <threads>': it takes a whole number from 1 to 256"),
            (["--seed", "-1"], "'--seed <seed>': it takes a whole number from 0 to 18446744073709551615"),
            (["--resume"], "--resume needs --output"),
            (["--resume", "--encrypt", "--output", "/nowhere/x"], "--resume does not go with --encrypt or xlsx"),
            (["--resume", "--format", "xlsx", "--output", "/nowhere/x"], "or use --range"),
            (["--encrypt"], "password"),
            (["--password-file", "x"], "needs --encrypt"),
            (["--encrypt", "--password-file", "/nowhere/pw"], "/nowhere/pw cannot be read"),
            (["--format", "csv,xml"], "needs --output FOLDER/"),
            (["--format", "xlsx", "--count", "2000000"], "a sheet holds 1048575 patients"),
            (["--format", "xlsx", "--gzip"], "compressed already"),
            (["decrypt", "/nowhere/x"], "/nowhere/x cannot be read"),
            (["--colour"], "--colour"),
        ]
        for (arguments, text) in cases {
            let run = try Tool.generate(arguments)
            #expect(run.code == 64, "\(arguments): \(run.code)")
            #expect(run.output.isEmpty, "\(arguments)")
            #expect(run.errors.hasPrefix("patientgen: ") && run.errors.contains(text), "\(arguments): \(run.errors)")
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }
        let unwritable = try Tool.generate(["--count", "3", "--output", "/nowhere/x.csv"])
        #expect(unwritable.code == 74 && unwritable.errors == "patientgen: /nowhere/x.csv: No such file or directory\n")
    }

    @Test func `each program says its version, which is the changelog's first`() throws {
        let changes = try String(contentsOfFile: Tool.validators + "/../../CHANGELOG.md", encoding: .utf8)
        let version = try #require(changes.firstMatch(of: /\n## ([0-9.]+)/)).output.1
        for program in ["patientgen", "vitals-log", "patient-server"] {
            let run = try Tool.run("\(Tool.products)/\(program)", ["--version"])
            #expect(run.code == 0 && String(decoding: run.output, as: UTF8.self).hasPrefix(version), "\(program)")
        }
    }

    @Test func `validate names the field and the rule, presets lists them`() throws {
        try Tool.inFolder { folder in
            func validate(_ name: String, _ text: String) throws -> Tool.Run {
                let path = folder.appendingPathComponent(name).path
                try text.write(toFile: path, atomically: true, encoding: .utf8)
                return try Tool.generate(["validate", path])
            }
            #expect(try validate("a.json", Tool.allNations).code == 0)
            #expect(try validate("b.yaml", "total_patients: 12\ntempo: surge\n").code == 0)
            let field = try validate("c.json", "{\"total_patients\":\"x\"}")
            #expect(field.code == 64 && field.errors.contains("total_patients"), "\(field.errors)")
            let unknown = try validate("d.yml", "tempo: calm\n")
            #expect(unknown.code == 64 && unknown.errors.contains("tempo") && unknown.errors.contains("surge"))
            let broken = try validate("e.json", "{")
            #expect(broken.code == 64 && broken.errors.contains("not JSON"))
            let list = String(decoding: try Tool.generate(["presets"]).output, as: UTF8.self)
            #expect(list.contains("nato_article_5") && list.contains("maritime_operation"))
        }
    }

    @Test func `counts add up on the terminal and in the picture`() throws {
        try Tool.inFolder { folder in
            let svg = folder.appendingPathComponent("counts.svg").path
            let run = try Tool.generate([
                "--count", "500", "--threads", "3", "--stats", "--stats-svg", svg, "--output", "/dev/null",
            ])
            #expect(run.code == 0)
            #expect(run.errors.hasPrefix("500 patients, "))
            let blocks = run.errors.components(separatedBy: "\n\n").dropFirst()
            let groups = blocks.filter { !$0.hasPrefix("by ") }
            #expect(groups.count == 8)
            let tables = blocks.filter { $0.hasPrefix("by ") }
            #expect(tables.count == 2)
            for table in tables {
                // Patients, three of triage, three types, four outcomes: each row and the whole add up.
                let rows = table.split(separator: "\n").dropFirst(2).map { line in
                    line.split(separator: " ").suffix(11).compactMap { Int($0) }
                }
                #expect(rows.map { $0[0] }.reduce(0, +) == 500)
                for row in rows {
                    #expect(row.count == 11 && row[1...3].reduce(0, +) == row[0])
                    #expect(row[4...6].reduce(0, +) == row[0] && row[7...10].reduce(0, +) == row[0])
                }
            }
            for group in groups where !group.hasPrefix("body_part") {
                let sum = group.split(separator: "\n").dropFirst().compactMap { line in
                    line.firstMatch(of: /(\d+)\s+\d+\.\d %/).flatMap { Int($0.1) }
                }.reduce(0, +)
                #expect(sum == 500, "\(group)")
            }
            let picture = try String(contentsOfFile: svg, encoding: .utf8)
            #expect(picture.hasPrefix("<svg ") && picture.contains("<rect ") && picture.hasSuffix("</svg>\n"))
        }
    }
}
