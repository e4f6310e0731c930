import Testing

@testable import PatientGen

/// Patients are the same on every machine, in every order and build. A change of the model changes these constants and
/// is a new ``PatientGenerator/modelVersion``.
@Suite struct DigestTests {
    @Test(arguments: Golden.all)
    func `ten thousand patients have the digest of the model's version`(_ golden: Golden) throws {
        #expect(PatientGenerator.modelVersion == 6)
        let generator = try golden.generator()
        let whole = Self.digests(generator, shards: 1)
        #expect(Digest.of(whole) == golden.digest, "\(golden.preset)")
        for shards in [7, 16] { #expect(Self.digests(generator, shards: shards) == whole) }
    }

    /// Each patient's digest, from shards in shuffled order.
    private static func digests(_ generator: PatientGenerator, shards: Int) -> [UInt64] {
        let size = Int(generator.count)
        var digests = [UInt64](repeating: 0, count: size)
        let shuffle = Shuffle(count: shards, seed: 4, order: 0)
        for shard in (0..<shards).map(shuffle.place) {
            let range = UInt64(size * shard / shards)..<UInt64(size * (shard + 1) / shards)
            // Every shard has a generator of its own, as on a machine of its own.
            let generator = PatientGenerator(scenario: generator.scenario, seed: generator.seed)
            generator.forEach(in: range) { digests[Int($0.index)] = Digest.of($0) }
        }
        return digests
    }

    struct Golden: Sendable, CustomTestStringConvertible {
        let preset: String
        let digest: UInt64
        var testDescription: String { preset }

        func generator() throws -> PatientGenerator {
            var scenario = preset == "few_beds" ? Scenario() : try #require(Scenario.preset(preset))
            scenario.totalPatients = 10_000
            if preset == "few_beds" {
                scenario.facilities = [
                    .init(id: "R1", name: "", capacity: 400), .init(id: "R2", name: "", capacity: 100, kiaRate: 0.02),
                ]
            }
            return PatientGenerator(scenario: scenario, seed: 0x5eed)
        }

        static let all = [
            Golden(preset: "nato_article_5", digest: 4_654_679_095_575_403_456),
            Golden(preset: "mass_casualty", digest: 4_389_425_739_138_533_503),
            Golden(preset: "few_beds", digest: 39_240_440_653_672_855),
        ]
    }
}

/// A digest of every field of a patient, in a fixed order: FNV-1a over 64-bit words, each finished by SplitMix64's mixer.
struct Digest {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ word: UInt64) {
        state = (state ^ word) &* 0x100_0000_01b3
        state = (state ^ state >> 29) &* 0xBF58_476D_1CE4_E5B9
    }

    mutating func add(_ value: Int) { add(UInt64(bitPattern: Int64(value))) }

    mutating func add(_ text: String) {
        add(text.utf8.count)
        var word: UInt64 = 0
        for byte in text.utf8 { word = word &* 257 &+ UInt64(byte) }
        add(word)
    }

    static func of(_ words: [UInt64]) -> UInt64 {
        var digest = Digest()
        for word in words { digest.add(word) }
        return digest.state
    }

    static func of(_ patient: borrowing Patient) -> UInt64 {
        var d = Digest()
        d.add(patient.index)
        for value in [
            patient.nation, patient.front, patient.isFemale ? 1 : 0, patient.birthDate.number, patient.weight,
            patient.bloodGroup.rawValue, patient.event ?? -1, patient.isMassCasualty ? 1 : 0,
            patient.injurySeverityScore, patient.isPolytrauma ? 1 : 0, patient.bloodLoss, patient.bleedingMinutes,
            patient.baseDeficit ?? -1, patient.triage, patient.day, patient.injuredAt, patient.lastPlace.rawValue,
        ] { d.add(value) }
        d.add(patient.nationalID)
        d.add(patient.grid)
        d.add(patient.unit.name)
        for text in [
            patient.givenName, patient.familyName, patient.nativeGivenName ?? "", patient.nativeFamilyName ?? "",
            patient.rank, patient.injuryType.rawValue, patient.warfare.rawValue, patient.region.rawValue,
            patient.mechanism?.rawValue ?? "", patient.bleedingSite?.rawValue ?? "", patient.outcome.rawValue,
            patient.longTermMedication?.code ?? "",
        ] { d.add(text) }
        for finding in patient.conditions {
            d.add(finding.condition.code)
            d.add(finding.severity)
            d.add(finding.region.rawValue)
            d.add(finding.site.name)
        }
        for signs in patient.vitals {
            for value in [
                signs.minute, signs.heartRate, signs.systolic, signs.diastolic, signs.respiratoryRate,
                signs.oxygenSaturation, signs.temperature, signs.consciousness, signs.pain,
            ] { d.add(value) }
        }
        for treatment in patient.treatments {
            d.add(treatment.code)
            d.add(treatment.minute)
            d.add(treatment.place.rawValue)
            d.add(treatment.bloodGroup?.rawValue ?? -1)
            d.add(treatment.site?.name ?? "")
        }
        for step in patient.timeline {
            d.add(step.kind.rawValue)
            d.add(step.place.rawValue)
            d.add(step.minute)
            d.add(step.destination?.rawValue ?? -1)
            d.add(step.transit ?? -1)
        }
        for allergy in patient.allergies { d.add(allergy) }
        for medication in patient.medications {
            d.add(medication.drug.code)
            d.add(medication.minute)
            d.add(medication.place.rawValue)
        }
        return d.state
    }
}
