import Foundation
import Testing

@testable import PatientGen

@Suite struct PopulationTests {
    @Test func `the 32 nations have enough names, in composed form, without doubles`() {
        #expect(Nation.all.count == 32)
        for nation in Nation.all {
            for isFemale in [true, false] {
                let (given, surnames) = (nation.givenNames(female: isFemale), nation.surnames(female: isFemale))
                #expect(given.count >= 40 && surnames.count >= 60, "\(nation.code)")
                #expect(Set(given).count == given.count, "\(nation.code)")
                // Two families may share the women's form: Jurča and Jurčo have Jurčová.
                #expect(isFemale || Set(surnames).count == surnames.count, "\(nation.code)")
                for name in given + surnames {
                    let composed = name.precomposedStringWithCanonicalMapping
                    #expect(Array(composed.unicodeScalars) == Array(name.unicodeScalars), "\(name)")
                    #expect(!name.isEmpty && name.first?.isWhitespace == false && !name.contains(where: \.isNumber))
                }
            }
        }
    }

    @Test func `a name is words with a capital each, and small particles`() throws {
        // Jean-Claude, O'Brien, De Smet, van den Berg, McDonald; not petek, EvropovKirilov or Hans-J.
        let word = "((Mc|Mac|O')?\\p{Lu}\\p{Ll}+|de|den|der|van)"
        let form = try Regex("\(word)([ -]\(word))*")
        for nation in Nation.all {
            for isFemale in [true, false] {
                for name in nation.givenNames(female: isFemale) + nation.surnames(female: isFemale) {
                    #expect(name.wholeMatch(of: form) != nil, "\(nation.code) \(name)")
                }
            }
        }
    }

    @Test func `surnames follow the sex and the nation's custom, scripts their alphabet`() throws {
        func nation(_ code: String) throws -> Nation { Nation.all[try #require(Nation.index(of: code))] }
        for code in ["CZE", "SVK", "POL", "BGR", "MKD", "LVA", "LTU", "GRC", "ISL", "EST"] {
            let nation = try nation(code)
            #expect(nation.surnames(female: true) != nation.surnames(female: false), "\(code)")
        }
        #expect(try nation("ISL").surnames(female: true).allSatisfy { $0.hasSuffix("dóttir") })
        for (code, ranges) in [("GRC", 0x370...0x3ff), ("BGR", 0x400...0x4ff), ("MKD", 0x400...0x4ff)] {
            var scenario = Scenario()
            scenario.fronts = [
                .init(id: "a", name: "A", casualtyRate: 1, nationalities: [.init(code: code, percentage: 100)])
            ]
            for patient in PatientGenerator(scenario: scenario, seed: 1).patients(in: 0..<50) {
                let native = try #require(patient.nativeFamilyName)
                #expect(
                    native.unicodeScalars.allSatisfy { ranges.contains(Int($0.value)) || !$0.properties.isAlphabetic })
                #expect(patient.familyName.unicodeScalars.allSatisfy { $0.value < 0x250 })
            }
        }
    }

    @Test func `national numbers never have a valid check digit`() {
        for patient in PatientGenerator(scenario: Scenario(), seed: 1).patients(in: 0..<1440) {
            #expect(NationalID.luhn(patient.nationalID / 10) != patient.nationalID % 10)
        }
        #expect(NationalID.luhn(7_992_739_871) == 3)
    }

    @Test func `ranks are NATO codes, 91 per cent enlisted, and rise with age`() {
        var scenario = Scenario()
        scenario.totalPatients = 8000
        let all = PatientGenerator(scenario: scenario, seed: 1).patients(in: 0..<8000)
        #expect(all.allSatisfy { $0.rank.wholeMatch(of: /OR-[1-9]|OF-([1-9]|10)/) != nil })
        #expect(abs(percent(all.count { $0.rank.hasPrefix("OR") }, 8000) - 91) < 1.5)
        func mean(_ grades: ClosedRange<UInt8>) -> Int {
            let some = all.filter { if case .enlisted(let grade) = $0.grade { grades.contains(grade) } else { false } }
            return some.reduce(0) { $0 + $1.birthDate.number } / max(1, some.count)
        }
        #expect(mean(1...3) > mean(4...5) && mean(4...5) > mean(6...9))
    }
}
