import Testing

@testable import PatientGen

@Suite struct TerminologyTests {
    @Test func `every SNOMED code passes its check digit`() {
        let codes = Condition.all.filter { $0.system == .snomed }.map(\.code) + Procedure.allCases.map(\.code)
        #expect(codes.count > 40)
        for code in codes { #expect(Self.verhoeff(code), "\(code)") }
    }

    @Test func `the check digit finds every wrong digit and swapped neighbours`() {
        for code in ["283545005", "20655006", "716186003"] {
            #expect(Self.verhoeff(code))
            let digits = Array(code)
            for place in digits.indices {
                for other in "0123456789" where other != digits[place] {
                    var wrong = digits
                    wrong[place] = other
                    #expect(!Self.verhoeff(String(wrong)))
                }
                if place > 0, digits[place] != digits[place - 1] {
                    var wrong = digits
                    wrong.swapAt(place, place - 1)
                    #expect(!Self.verhoeff(String(wrong)))
                }
            }
        }
    }

    @Test func `every code stands once in the curated table`() {
        let codes = Condition.all.map(\.code) + Procedure.allCases.map(\.code) + Drug.allCases.map(\.code)
        #expect(Set(codes).count == codes.count)
        #expect(Set(Condition.all.map(\.name)).count == Condition.all.count)
        #expect(Condition.all.enumerated().allSatisfy { $0.offset == $0.element.place })
        #expect(Condition.all.allSatisfy { !$0.name.isEmpty })
    }

    @Test func `every code that the model uses stands in the curated table, and every code there is used`() {
        let known = Set(Condition.all.map(\.code))
        let used = Set(
            Condition.battle.map(\.code) + Condition.nonBattle.map(\.code) + Condition.disease.map(\.code)
                + [Condition.shock.code])
        #expect(used == known)
        #expect(Condition.shock.code == "355001")
    }

    @Test func `every ICD-10 code has the form of one`() {
        for condition in Condition.all where condition.system == .icd10 {
            #expect(condition.code.wholeMatch(of: /[A-Z][0-9]{2}(\.[0-9])?/) != nil, "\(condition.code)")
        }
    }

    @Test func `drugs have ATC codes of substances, in the groups that they belong to`() {
        for drug in Drug.allCases {
            #expect(drug.code.wholeMatch(of: /[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}/) != nil)
            #expect(drug.milligrams > 0 && ["IV", "IM", "PO"].contains(drug.route))
        }
        let groups: [Drug: String] = [
            .tranexamicAcid: "B02AA", .ketamine: "N01AX", .morphine: "N02AA", .ertapenem: "J01DH",
            .moxifloxacin: "J01MA", .paracetamol: "N02BE", .ibuprofen: "M01AE", .artemether: "P01BF",
            .atropine: "A03BA", .pralidoxime: "V03AB",
        ]
        #expect(Drug.allCases.allSatisfy { $0.code.hasPrefix(groups[$0] ?? "?") })
    }

    @Test func `blood group rows are of eight and drawn as shares of one`() {
        for nation in Nation.all {
            let row = BloodGroup.frequencies[nation.code] ?? BloodGroup.european
            #expect(row.count == 8 && abs(row.reduce(0, +) - 100) < 1.5)
            // The alias table gives each group its share to 1 in 10,000.
            let exact = nation.blood.shares
            #expect(abs(exact.reduce(0, +) - 1) < 1e-9)
            for (share, percent) in zip(exact, row) { #expect(abs(share - percent / row.reduce(0, +)) < 1e-4) }
        }
        #expect(BloodGroup.frequencies.keys.allSatisfy { Nation.index(of: $0) != nil })
    }

    @Test func `red cells fit as in the table of compatible groups`() {
        let all = BloodGroup.allCases
        #expect(all.allSatisfy { BloodGroup.oNegative.canBeGiven(to: $0) && $0.canBeGiven(to: .abPositive) })
        #expect(all.allSatisfy { $0.canBeGiven(to: $0) })
        #expect(all.count { $0.canBeGiven(to: .oNegative) } == 1)
        #expect(all.reduce(0) { sum, group in sum + all.count { group.canBeGiven(to: $0) } } == 27)
    }

    /// Verhoeff 1969: the dihedral group of the pentagon and a permutation by place.
    static func verhoeff(_ code: String) -> Bool {
        let permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
        func product(_ a: Int, _ b: Int) -> Int {
            switch (a < 5, b < 5) {
            case (true, true): (a + b) % 5
            case (true, false): 5 + (a + b - 5) % 5
            case (false, true): 5 + (a - 5 - b + 5) % 5
            case (false, false): (a - b + 5) % 5
            }
        }
        var check = 0
        for (place, digit) in code.reversed().enumerated() {
            guard var value = digit.wholeNumberValue else { return false }
            for _ in 0..<place % 8 { value = permutation[value] }
            check = product(check, value)
        }
        return check == 0
    }
}

extension Weights {
    /// The share of each place, exactly as the alias table draws it.
    var shares: [Double] {
        let cells = 65_536
        var counts = [Int](repeating: 0, count: count)
        for place in 0..<count {
            // The fraction's threshold, found by bisection over the draws of a cell.
            var (low, high) = (0, cells)
            while low < high {
                let middle = (low + high) / 2
                if self.place(draw(place, middle)) == place { low = middle + 1 } else { high = middle }
            }
            counts[place] += low
            if low < cells { counts[self.place(draw(place, low))] += cells - low }
        }
        return counts.map { Double($0) / Double(count * cells) }
    }

    /// A draw that falls into a place's cell at a fraction of it.
    private func draw(_ place: Int, _ fraction: Int) -> UInt32 {
        let scaled = UInt64(place) << 32 + UInt64(fraction) << 16
        return UInt32((scaled + UInt64(count) - 1) / UInt64(count))
    }
}
