/// Who the casualty is. Drawn from a stream of its own: what happens to a person never changes who it is.
struct Person: Sendable {
    private let women: Share
    private let enlisted: Share
    private let allergic: Share
    private let medicated: Share
    private let quartiles: [Int]
    private let base: Int

    init(_ figures: ClinicalFigures, baseDate: CalendarDay) {
        women = Share(figures.women)
        enlisted = Share(figures.enlisted)
        allergic = Share(figures.allergic)
        medicated = Share(figures.medicated)
        quartiles = figures.ageQuartiles
        base = baseDate.number
    }

    func fill(_ patient: inout Patient, seed: UInt64) {
        var draws = Draws(seed: seed, index: patient.index, stream: .person)
        let nation = Nation.table + patient.nation
        patient.isFemale = draws.chance(women)
        let age = age(&draws)
        if patient.isFemale {
            nation.pointee.female.fill(&patient, surnames: nation.pointee.femaleSurnames, nation, &draws)
        } else {
            nation.pointee.male.fill(&patient, surnames: nation.pointee.maleSurnames, nation, &draws)
        }
        patient.birthDate = CalendarDay(number: base - age * 1461 / 4 - 1 - draws.below(365))
        patient.weight = (patient.isFemale ? 62 : 78) + draws.below(13) + draws.below(13) - 12
        patient.bloodGroup = BloodGroup.allCases[draws.pick(nation.pointee.blood)]
        patient.grade = Rank.draw(age: age, isEnlisted: draws.chance(enlisted), &draws)
        patient.nationalID = NationalID.invalid(body: UInt64(draws.below(1_000_000_000)))
        var history = Draws(seed: seed, index: patient.index, stream: .history)
        patient.allergens.removeAll(keepingCapacity: true)
        if history.chance(allergic) {
            patient.allergens.append(Allergen.allCases[history.below(Allergen.allCases.count)])
        }
        patient.longTermMedication = nil
        if history.chance(medicated), !patient.allergens.contains(.ibuprofen) {
            patient.longTermMedication = .ibuprofen
        }
    }

    /// Each quarter of the people between two quartiles; the last falls off.
    private func age(_ draws: inout Draws) -> Int {
        let (low, middle, high) = (quartiles[0], quartiles[1], quartiles[2])
        return switch draws.below(4) {
        case 0: min(18, low) + draws.below(max(1, low - 18))
        case 1: low + draws.below(max(1, middle - low))
        case 2: middle + draws.below(max(1, high - middle))
        default: high + min(draws.below(24), draws.below(24))
        }
    }
}

extension NameList {
    /// Given name and family name, from this list and from the surnames of the sex.
    @inline(__always)
    fileprivate func fill(
        _ patient: inout Patient, surnames: borrowing NameList, _ nation: UnsafePointer<Nation>, _ draws: inout Draws
    ) {
        let given = draws.pick(weights)
        patient.givenName = names[given]
        let first = draws.pick(surnames.weights)
        let second = draws.pick(surnames.weights)
        patient.familyName =
            nation.pointee.hasTwoSurnames
            ? surnames.names[first] + " " + surnames.names[second] : surnames.names[first]
        patient.nativeGivenName = native.isEmpty ? nil : native[given]
        patient.nativeFamilyName = surnames.native.isEmpty ? nil : surnames.native[first]
    }
}

/// Numbers that look like a national id and are none: nine digits and a wrong Luhn check digit.
enum NationalID {
    /// The check digit after Luhn (ISO/IEC 7812-1).
    static func luhn(_ body: UInt64) -> UInt64 {
        var sum: UInt64 = 0
        var rest = body
        var doubles = true
        while rest > 0 {
            let digit = rest % 10 * (doubles ? 2 : 1)
            sum += digit > 9 ? digit - 9 : digit
            doubles.toggle()
            rest /= 10
        }
        return (10 - sum % 10) % 10
    }

    static func invalid(body: UInt64) -> UInt64 { body * 10 + (luhn(body) + 5) % 10 }
}
