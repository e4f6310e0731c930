import Crypto
import Foundation
import JobQueue
import PatientExport
import PatientGen

/// What a generation is made of; the same parameters always give the same bytes.
struct GenerationParameters: Codable, Sendable {
    /// The scenario as its canonical JSON.
    var scenario: String
    var seed: UInt64
    var formats: [String]
    var modelVersion = PatientGenerator.modelVersion
    /// Whether downloads are gzip unless they say otherwise.
    var isCompressed: Bool?
    /// Set when downloads are encrypted with a password.
    var protection: Protection?

    func generator() throws -> PatientGenerator {
        PatientGenerator(scenario: try Scenario(json: Array(scenario.utf8)), seed: seed)
    }
}

/// The part of a generation that one worker does in one go: a range of patients, measured in each format.
struct GenerateChunk: JobParameters {
    typealias Output = ChunkResult
    static let kind = "generate-chunk"
    static let options = JobOptions(queue: "generation", limits: TimeLimits(soft: .seconds(240), hard: .seconds(300)))

    var parameters: GenerationParameters
    var first: UInt64
    var count: UInt64
}

/// Generates the patients of a chunk.
struct ChunkGenerator: JobHandler {
    let metrics: GenerationMetrics

    func run(_ chunk: GenerateChunk, _ context: JobContext) async throws -> ChunkResult {
        let generator = try chunk.parameters.generator()
        var result = ChunkResult(first: chunk.first, count: chunk.count)
        let formats = chunk.parameters.formats.compactMap(FileFormat.init(rawValue:))
        var hashes = formats.map { _ in SHA256() }
        var sizes = formats.map { _ in 0 }
        var counted = PatientStatistics(scenario: generator.scenario)
        let started = ContinuousClock.now
        // Slices of some milliseconds, so that requests are answered between them; who is in one is generated once.
        let slices = generator.chunks(
            of: chunk.first..<chunk.first + chunk.count, writers: formats.map { $0.writer(for: generator) },
            patientsPerChunk: 250, statistics: true
        ) { $0 }
        for try await slice in slices {
            if let statistics = slice.statistics { counted.add(statistics) }
            slice.withBytes { bytes in
                for (place, part) in slice.parts.enumerated() {
                    hashes[place].update(
                        bufferPointer: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[part])))
                    sizes[place] += part.count
                }
            }
            context.progress(Double(slice.patients.upperBound - chunk.first) / Double(chunk.count))
            await Task.yield()
        }
        for (place, format) in formats.enumerated() {
            result.formats[format.rawValue] = FormatResult(bytes: sizes[place], sha256: hashes[place].finalize().hex)
        }
        result.summary = Summary(counted)
        metrics.generated(count: Int(chunk.count), in: .now - started)
        return result
    }
}

/// The whole of a generation: runs when all chunks are done, and keeps the manifest.
struct Generate: JobParameters {
    typealias Output = Manifest
    static let kind = "generate"
    static let options = JobOptions(queue: "generation", limits: TimeLimits(soft: .seconds(240), hard: .seconds(300)))

    var parameters: GenerationParameters
    var total: UInt64
}

/// Puts the manifest of a generation together from the results of its chunks.
struct ManifestBuilder: JobHandler {
    func run(_ generation: Generate, _ context: JobContext) async throws -> Manifest {
        var manifest = Manifest(seed: generation.parameters.seed, modelVersion: generation.parameters.modelVersion)
        var before: JobID?
        repeat {
            let page = try await context.client.store.jobs(JobFilter(parent: context.id, before: before, limit: 200))
            for chunk in page {
                let result = try chunk.result(as: ChunkResult.self)
                manifest.summary.add(result.summary)
                manifest.chunks.append(result.withoutSummary)
            }
            before = page.count == 200 ? page.last?.id : nil
        } while before != nil
        manifest.chunks.sort { $0.first < $1.first }
        manifest.count = manifest.chunks.reduce(0) { $0 + $1.count }
        guard manifest.count == generation.total else {
            throw JobControl.fail(
                reason: "\(manifest.count) of \(generation.total) patients were generated; some chunks are missing")
        }
        return manifest
    }
}

/// What a chunk came to.
struct ChunkResult: Codable, Sendable {
    var first: UInt64
    var count: UInt64
    var formats: [String: FormatResult] = [:]
    var summary = Summary()

    var withoutSummary: ChunkResult {
        ChunkResult(first: first, count: count, formats: formats)
    }
}

/// The size and digest of a chunk in a format.
struct FormatResult: Codable, Sendable {
    var bytes: Int
    var sha256: String
}

/// What a generation came to: counts, and a digest of each chunk in each format.
struct Manifest: Codable, Sendable {
    var seed: UInt64
    var modelVersion: Int
    var count: UInt64 = 0
    var summary = Summary()
    var chunks: [ChunkResult] = []

    /// Bytes of the whole file in a format.
    func bytes(_ format: String) -> Int? {
        var sum = 0
        for chunk in chunks {
            guard let bytes = chunk.formats[format]?.bytes else { return nil }
            sum += bytes
        }
        return sum
    }

    /// A strong validator of the file: a digest of the chunks' digests.
    func tag(_ format: String) -> String {
        var hash = SHA256()
        for chunk in chunks { hash.update(data: Data((chunk.formats[format]?.sha256 ?? "").utf8)) }
        return "\"\(hash.finalize().hex.prefix(32))\""
    }
}

/// Counts by kind, triage, outcome, nation, front and day.
struct Summary: Codable, Sendable {
    var counts: [String: [String: Int]] = [:]

    init() {}

    /// Groups without a patient in them are left out, and so are the rows.
    init(_ statistics: PatientStatistics) {
        for group in statistics.groups {
            let present = group.rows.filter { $0.count > 0 }.map {
                (group.name == "day" ? "day \($0.name)" : $0.name, $0.count)
            }
            if !present.isEmpty { counts[group.name] = Dictionary(present, uniquingKeysWith: +) }
        }
    }

    mutating func add(_ other: Summary) {
        for (group, names) in other.counts {
            for (name, count) in names { counts[group, default: [:]][name, default: 0] += count }
        }
    }
}

/// Consecutive slices of a range.
func slices(of range: Range<UInt64>, size: UInt64) -> some Sequence<Range<UInt64>> {
    sequence(first: range.lowerBound..<min(range.upperBound, range.lowerBound + size)) { last in
        last.upperBound >= range.upperBound
            ? nil : last.upperBound..<min(range.upperBound, last.upperBound + size)
    }
}

extension Sequence where Element == UInt8 {
    var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
