import Foundation
import Testing

/// Scenario files as people write them, through the command.
@Suite struct ScenarioFileTests {
    static let yaml = """
        total_patients: 120
        days_of_fighting: 4
        base_date: "2025-06-01"
        tempo: surge
        warfare_types: {conventional: true, drone: true}
        injury_mix: {Disease: 52, Non-Battle Injury: 33, Battle Injury: 15}
        outcome_preset: pre_2009
        clinical_figures:
          women: 0.1
        front_configs:
          - id: a
            casualty_rate: 1
            nationality_distribution:
              - {nationality_code: POL, percentage: 100}
        facility_configs:
          - {id: R2, capacity: 6, kia_rate: 0.05}
        """

    @Test func `YAML with percents and JSON with fractions give the same patients`() throws {
        try Tool.inFolder { folder in
            let json = #"""
                {"total_patients":120,"days_of_fighting":4,"base_date":"2025-06-01","tempo":"surge",
                 "warfare_types":["conventional","drone"],
                 "injury_mix":{"Disease":0.52,"Non-Battle Injury":0.33,"Battle Injury":0.15},
                 "clinical_figures":{"women":0.1},"outcome_preset":"pre_2009",
                 "front_configs":[{"id":"a","casualty_rate":1,
                  "nationality_distribution":[{"nationality_code":"POL","percentage":1}]}],
                 "facility_configs":[{"id":"R2","capacity":6,"kia_rate":0.05}]}
                """#
            func patients(_ name: String, _ text: String) throws -> Data {
                let path = folder.appendingPathComponent(name).path
                try text.write(toFile: path, atomically: true, encoding: .utf8)
                let run = try Tool.generate(["--scenario", path, "--seed", "5", "--format", "ndjson"])
                #expect(run.code == 0, "\(run.errors)")
                return Data(run.output)
            }
            let one = try patients("a.yaml", Self.yaml)
            #expect(one == (try patients("b.json", json)))
            #expect(one.split(separator: UInt8(ascii: "\n")).count == 120)
        }
    }

    @Test func `mutated YAML is taken or refused in one line, never a crash`() throws {
        try Tool.inFolder { folder in
            let path = folder.appendingPathComponent("mutated.yaml").path
            var state: UInt64 = 2025
            func below(_ bound: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int((state >> 33) % UInt64(bound))
            }
            let signs = Array("{}[]:-&*!|>'\"% \n\t#0x~".utf8)
            var refused = 0
            for _ in 0..<200 {
                var bytes = Array(Self.yaml.utf8)
                for _ in 0...below(4) {
                    let place = below(bytes.count)
                    switch below(4) {
                    case 0: bytes[place] = signs[below(signs.count)]
                    case 1: bytes.remove(at: place)
                    case 2: bytes.insert(UInt8(below(256)), at: place)
                    default: bytes.removeSubrange(place..<min(bytes.count, place + below(30)))
                    }
                }
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                let run = try Tool.generate(["validate", path])
                #expect(run.code == 0 || run.code == 64, "\(run.code) \(String(decoding: bytes, as: UTF8.self))")
                if run.code == 64 {
                    refused += 1
                    #expect(run.errors.hasPrefix("patientgen: ") && run.errors.utf8.count < 4000)
                }
            }
            #expect(refused > 50)
        }
    }

    @Test(
        .enabled(if: Tool.python != nil, "VITALS_TEST_PYTHON must name a Python with Tests/Validators/requirements.txt")
    )
    func `every code of the curated table stands in the lists of others`() throws {
        let tables = ["Terms", "ExternalCause"].map {
            Tool.validators + "/../../Sources/PatientGen/Terminology/\($0).swift"
        }
        let check = try Tool.validate("codes.py", tables)
        #expect(check.code == 0, "\(check.errors)")
        #expect(String(decoding: check.output, as: UTF8.self).contains("83 ICD-10 codes"))
    }

    @Test(
        .enabled(if: Tool.python != nil, "VITALS_TEST_PYTHON must name a Python with Tests/Validators/requirements.txt")
    )
    func `every given name is of the sex that its country knows it for`() throws {
        let check = try Tool.validate("names.py", [Tool.validators + "/../../Sources/PatientGen/Population/Nations"])
        #expect(check.code == 0, "\(check.errors)")
        #expect(String(decoding: check.output, as: UTF8.self).contains("names of 32 nations"))
    }
}
