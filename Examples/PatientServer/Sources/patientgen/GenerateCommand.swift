import ArgumentParser
import Foundation
import PatientGen

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Writes patients to files or to standard output.")

    @Option(help: "A ready-made scenario; `patientgen presets` lists them.")
    var preset: String?

    @Option(help: "A scenario's file, JSON or YAML.")
    var scenario: String?

    @Option(
        parsing: .unconditional, help: "How many patients; the scenario's own number by default.",
        transform: wholeNumber(Scenario.patientLimits))
    var count: Int?

    @Option(
        parsing: .unconditional, help: "The same seed gives the same patients.", transform: wholeNumber(0...UInt64.max))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "What to write; several with commas between them into a folder.",
            discussion: OutputPlan.formats.joined(separator: ", ")))
    var format: String = "ndjson"

    @Option(
        name: .shortAndLong,
        help:
            "The file to write, or a folder with / at its end; standard output by default. A folder takes fhir-ndjson as one file a type, with a manifest."
    )
    var output: String?

    @Option(help: "Only the patients FIRST-LAST, by id. The pieces of adjoining ranges join to the whole.")
    var range: String?

    @Flag(help: "Compress with gzip.")
    var gzip = false

    @Flag(help: "Encrypt with AES-256-GCM, with a password from --password-file, PATIENTGEN_PASSWORD or the terminal.")
    var encrypt = false

    @Option(help: "A file with the password.")
    var passwordFile: String?

    @Flag(help: "Go on where a run with the same options was stopped.")
    var resume = false

    @Option(
        parsing: .unconditional, help: "How many threads generate; the bytes are the same for any number.",
        transform: wholeNumber(1...256))
    var threads: Int = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Show counts as bars, on standard error.")
    var stats = false

    @Option(help: "Write the counts as a picture to an SVG file.")
    var statsSvg: String?

    func run() async throws {
        let generator = PatientGenerator(scenario: try chosenScenario(), seed: seed)
        let range = try chosenRange(of: generator)
        guard encrypt || passwordFile == nil else { throw ValidationError("--password-file needs --encrypt") }
        let plan = try OutputPlan(
            formats: format, output: output, suffix: (gzip ? ".gz" : "") + (encrypt ? ".enc" : ""),
            generator: generator)
        if gzip || encrypt || plan.pieces.contains(where: \.isWorkbook), plan.isStandardOutput, isatty(1) == 1 {
            throw ValidationError("bytes that are no text do not go to a terminal; give --output, or a pipe")
        }
        if resume {
            guard !plan.isStandardOutput else { throw ValidationError("--resume needs --output") }
            guard !encrypt, !plan.pieces.contains(where: \.isWorkbook) else {
                throw ValidationError("--resume does not go with --encrypt or xlsx; begin again, or use --range")
            }
        }
        if plan.pieces.contains(where: \.isWorkbook), gzip {
            throw ValidationError("--gzip does not go with xlsx, which is compressed already")
        }
        let password = encrypt ? try Password.read(file: passwordFile, confirm: true) : nil
        let run = GenerateRun(
            generator: generator, range: range, plan: plan, gzip: gzip, password: password, threads: threads,
            order: order(generator, range), counts: stats || statsSvg != nil)
        let statistics = try await run.run(resume: resume)
        guard let statistics else { return }
        if stats { FileHandle.standardError.write(Data(StatisticsReport.text(statistics).utf8)) }
        if let statsSvg { try FileOutput(path: statsSvg).write(Array(StatisticsReport.svg(statistics).utf8)) }
    }

    private func chosenScenario() throws -> Scenario {
        guard preset == nil || scenario == nil else { throw ValidationError("give --preset or --scenario, not both") }
        var chosen = Scenario()
        if let preset {
            guard let found = Scenario.preset(preset) else {
                throw ValidationError(
                    "--preset \(preset) is not known; there are \(Scenario.presets.map(\.id).joined(separator: ", "))")
            }
            chosen = found
        } else if let scenario {
            chosen = try ScenarioFile.read(scenario)
        }
        if let count { chosen.totalPatients = count }
        return chosen
    }

    /// Ids begin at 1 and the range holds its ends.
    private func chosenRange(of generator: PatientGenerator) throws -> Range<UInt64> {
        guard let range else { return 0..<generator.count }
        let ends = range.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]), first >= 1, first <= last,
            last <= generator.count
        else {
            throw ValidationError("--range \(range) is not FIRST-LAST within 1-\(generator.count)")
        }
        return first - 1..<last
    }

    /// What makes the bytes: a run goes on only where all of it is the same.
    private func order(_ generator: PatientGenerator, _ range: Range<UInt64>) -> String {
        "model \(PatientGenerator.modelVersion) seed \(seed) range \(range) format \(format) gzip \(gzip) "
            + generator.scenario.value.json
    }
}
