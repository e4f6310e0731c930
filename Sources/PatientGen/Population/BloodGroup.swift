/// A blood group.
public enum BloodGroup: Int, Sendable, Hashable, CaseIterable {
    case oPositive, aPositive, bPositive, abPositive, oNegative, aNegative, bNegative, abNegative

    /// `O+` and so on.
    public var text: String {
        switch self {
        case .oPositive: "O+"
        case .aPositive: "A+"
        case .bPositive: "B+"
        case .abPositive: "AB+"
        case .oNegative: "O-"
        case .aNegative: "A-"
        case .bNegative: "B-"
        case .abNegative: "AB-"
        }
    }

    /// Whether Rh(D) is negative.
    public var isNegative: Bool { rawValue >= 4 }

    /// Whether red cells of this group may be given to a patient of another.
    public func canBeGiven(to patient: BloodGroup) -> Bool {
        guard isNegative || !patient.isNegative else { return false }
        let (mine, theirs) = (rawValue % 4, patient.rawValue % 4)
        return mine == 0 || mine == theirs || theirs == 3
    }

    /// Percent by nation, in the order of the cases. See Documentation/Sources.md.
    static let frequencies: [String: [Double]] = [
        "ALB": [34.1, 31.2, 14.5, 5.2, 6, 5.5, 2.6, 0.9], "BEL": [38, 34, 8.5, 4, 7, 6, 1.5, 1],
        "BGR": [28, 37.4, 12.8, 6.8, 5, 6.6, 2.2, 1.2], "CAN": [39, 36, 7.6, 2.5, 7, 6, 1.4, 0.5],
        "HRV": [29, 36, 15, 5, 5, 6, 3, 1], "CZE": [27, 36, 15, 7, 5, 6, 3, 1], "DNK": [35, 37, 8, 4, 6, 7, 2, 1],
        "EST": [29.5, 30.8, 20.7, 6.3, 4.3, 4.5, 3, 0.9], "FIN": [27, 38, 15, 7, 4, 6, 2, 1],
        "FRA": [36, 37, 9, 3, 6, 7, 1, 1], "DEU": [35, 37, 9, 4, 6, 6, 2, 1],
        "ISL": [47.6, 26.4, 9.3, 1.6, 8.4, 4.6, 1.7, 0.4], "NLD": [39.5, 35, 6.7, 2.5, 7.5, 7, 1.3, 0.5],
        "NOR": [34, 40.8, 6.8, 3.4, 6, 7.2, 1.2, 0.6],
    ]

    /// The mean of the nations above, for the others.
    static let european: [Double] = (0..<8).map { place in
        frequencies.keys.sorted().reduce(0) { $0 + (frequencies[$1]?[place] ?? 0) } / Double(frequencies.count)
    }
}
