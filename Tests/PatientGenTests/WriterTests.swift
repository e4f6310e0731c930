import Testing

@testable import PatientGen

@Suite struct WriterTests {
    static let generator: PatientGenerator = {
        var scenario = Scenario.preset("nato_article_5") ?? Scenario()
        scenario.totalPatients = 3000
        scenario.fronts = [
            .init(
                id: "a", name: "North, \"east\" & <far>", casualtyRate: 1,
                nationalities: Nation.all.map { .init(code: $0.code, percentage: 1) })
        ]
        return PatientGenerator(scenario: scenario, seed: 7)
    }()

    /// Made once: their tables are many.
    static let writers = Dictionary(
        uniqueKeysWithValues: PatientFormat.allCases.map { ($0, $0.writer(for: generator)) })

    func text(_ format: PatientFormat, _ range: Range<UInt64>) -> String {
        var bytes: [UInt8] = []
        if let writer = Self.writers[format] { Self.generator.write(range, with: writer, into: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: PatientFormat.allCases)
    func `chunks of any width join to the bytes of one pass`(_ format: PatientFormat) async throws {
        let end: UInt64 = format.patientsPerChunk < 100 ? 150 : 1500
        let whole = Array(text(format, 0..<end).utf8)
        for width in [1, 2, 5] {
            var joined: [UInt8] = []
            for try await chunk in Self.generator.chunks(of: 0..<end, format: format, width: width) {
                joined += chunk.bytes
            }
            #expect(joined == whole, "width \(width)")
        }
    }

    @Test func `several writers share the work and give each the bytes that it gives alone`() async throws {
        let formats: [PatientFormat] = [.json, .csv, .fhirNDJSON]
        var parts = formats.map { _ in [UInt8]() }
        let chunks = Self.generator.chunks(
            of: 0..<300, writers: formats.map { $0.writer(for: Self.generator) }, patientsPerChunk: 100, width: 2,
            statistics: true
        ) { $0 }
        var statistics = PatientStatistics(scenario: Self.generator.scenario)
        for try await chunk in chunks {
            let bytes = chunk.bytes
            for (place, part) in chunk.parts.enumerated() { parts[place] += bytes[part] }
            if let counted = chunk.statistics { statistics.add(counted) }
        }
        for (place, format) in formats.enumerated() {
            #expect(parts[place] == Array(text(format, 0..<300).utf8), "\(format)")
        }
        var alone = PatientStatistics(scenario: Self.generator.scenario)
        Self.generator.forEach(in: 0..<300) { alone.count(copy $0) }
        #expect(statistics == alone)
    }

    @Test func `a chunk that is kept is not written over by the next`() async throws {
        var kept: [EncodedChunk] = []
        for try await chunk in Self.generator.chunks(of: 0..<1000, format: .csv, width: 2) { kept.append(chunk) }
        let joined = kept.flatMap(\.bytes)
        #expect(joined == Array(text(.csv, 0..<1000).utf8))
    }

    @Test func `every drug, treatment, allergy and native name of a record stands in each format that has records`() {
        for index in 0..<150 as Range<UInt64> {
            let patient = Self.generator.patient(at: index)
            let records = [PatientFormat.ndjson, .xml, .csv, .fhirNDJSON, .ips].map {
                ($0, text($0, index..<index + 1))
            }
            for (format, record) in records {
                let isRow = format == .csv
                for given in patient.medications { #expect(record.contains(given.drug.code), "\(format) \(index)") }
                if let daily = patient.longTermMedication { #expect(record.contains(daily.code)) }
                for allergen in patient.allergens { #expect(record.contains(allergen.code.code), "\(format) \(index)") }
                for treatment in patient.treatments { #expect(record.contains(treatment.code), "\(format) \(index)") }
                for finding in patient.conditions {
                    #expect(
                        record.contains(finding.condition.code) && record.contains(finding.site.name),
                        "\(format) \(index)")
                    if !isRow { #expect(record.contains("\"\(finding.condition.code)\"")) }
                }
                for name in [patient.nativeFamilyName, patient.nativeGivenName].compactMap(\.self) {
                    #expect(record.contains(name), "\(format) \(index)")
                }
            }
            for (format, last) in [(PatientFormat.dd1380, Place.role1), (.mist, .pointOfInjury)] {
                let card = text(format, index..<index + 1)
                let drugs = patient.medications.filter { $0.place <= last }
                let treatments = patient.treatments.filter { $0.place <= last }
                for given in drugs {
                    #expect(card.contains("\(given.drug.name) \(given.drug.milligrams) mg \(given.drug.route)"))
                }
                for treatment in treatments {
                    #expect(card.contains(treatment.name + (treatment.site.map { ", \($0.name)" } ?? "")))
                }
                let told = card.split(separator: "\n").count {
                    ["T: ", "TQ ", "A S", "B O", "B C", "C D", "C A", "C B", "OTH", "MED"].contains($0.prefix(3))
                        && $0 != "T: none"
                }
                #expect(told == drugs.count + treatments.count, "\(card)")
                for finding in patient.conditions {
                    #expect(card.contains("\(finding.site.name): \(finding.condition.name)"))
                }
                #expect(card.contains("none taken") == (patient.vitals.isEmpty && format == .mist))
            }
        }
    }

    @Test func `a summary tells nil known only of a patient who has none`() {
        var without = 0
        for index in 0..<400 as Range<UInt64> {
            let patient = Self.generator.patient(at: index)
            let empty =
                (patient.allergens.isEmpty ? 1 : 0)
                + (patient.medications.isEmpty && patient.longTermMedication == nil ? 1 : 0)
            #expect(text(.ips, index..<index + 1).split(separator: "nilknown").count - 1 == empty)
            without += patient.medications.isEmpty ? 1 : 0
        }
        #expect(without > 0 && without < 400)
    }

    @Test func `only who is evacuated gets a request, and who is dead at the point of injury does not`() {
        for index in 0..<800 as Range<UInt64> {
            let patient = Self.generator.patient(at: index)
            let leaves = patient.timeline.contains { $0.kind == .transitStart }
            let request = text(.nineLine, index..<index + 1)
            let lines = request.split(separator: "\n").filter { $0.hasPrefix("LINE ") }
            #expect(lines.count == (leaves ? 9 : 0), "\(request)")
            #expect(request.contains("NO REQUEST") != leaves)
        }
    }

    @Test func `ordinals are the places among the cases`() {
        #expect(Patient.Outcome.allCases.map(\.ordinal) == Array(0..<4))
        #expect(InjuryType.allCases.map(\.ordinal) == Array(0..<3))
        #expect(Warfare.allCases.map(\.ordinal) == Array(0..<Warfare.allCases.count))
        #expect(Mechanism.allCases.map(\.ordinal) == Array(0..<3))
        #expect(BleedingSite.allCases.map(\.ordinal) == Array(0..<3))
        #expect(Patient.Movement.Kind.all.map(\.ordinal) == Array(0..<6))
        #expect(Rank.all.map(\.ordinal) == Array(0..<19))
        #expect(Sign.allCases.count == Sign.count)
    }

    @Test func `numbers are written as they are, at every length`() {
        var number = 1
        for _ in 0..<18 {
            for value in [number - 1, number, number + 1, -number] {
                var sink = UTF8Sink()
                sink.append(value)
                #expect(String(decoding: sink.bytes(), as: UTF8.self) == "\(value)")
                guard value >= 0 else { continue }
                var digits = UTF8Sink()
                Digits(UInt64(value)).append(&digits)
                #expect(digits.bytes() == sink.bytes())
            }
            number *= 10
        }
        for value in 0..<100 {
            var sink = UTF8Sink()
            sink.appendPair(value)
            #expect(String(decoding: sink.bytes(), as: UTF8.self) == (value < 10 ? "0\(value)" : "\(value)"))
        }
        var longest = UTF8Sink()
        Digits(.max).append(&longest)
        #expect(String(decoding: longest.bytes(), as: UTF8.self) == "\(UInt64.max)")
    }

    @Test func `texts of any length come back from a table, and a place outside gives nothing`() {
        let texts = (0..<80).map { String(repeating: "é", count: $0) }
        let table = Segments(count: texts.count) { $1.appendText(texts[$0]) }
        var sink = UTF8Sink(capacity: 64)
        for place in texts.indices.reversed() { table.append(place, &sink) }
        table.append(-1, &sink)
        table.append(80, &sink)
        #expect(String(decoding: sink.bytes(), as: UTF8.self) == texts.reversed().joined())
    }

    @Test func `codes of the writers' own tables pass SNOMED CT's check digit`() {
        let codes =
            Allergen.allCases.map(\.code).filter { $0.system == .snomed }.map(\.code)
            + ["255604002", "6736007", "24484000", "26643006", "78421000", "47625008"]
        for code in codes { #expect(verhoeff(code), "\(code)") }
        #expect(!verhoeff("764146008"))
    }

    /// The check of J. Verhoeff, by the dihedral group of ten.
    private func verhoeff(_ code: String) -> Bool {
        func product(_ a: Int, _ b: Int) -> Int {
            a < 5 ? (b < 5 ? (a + b) % 5 : (a + b - 5) % 5 + 5) : (b < 5 ? (a - 5 - b + 5) % 5 + 5 : (a - b + 5) % 5)
        }
        let first = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
        var sum = 0
        for (place, digit) in code.reversed().enumerated() {
            var value = digit.wholeNumberValue ?? 0
            for _ in 0..<place % 8 { value = first[value] }
            sum = product(sum, value)
        }
        return sum == 0
    }
}
