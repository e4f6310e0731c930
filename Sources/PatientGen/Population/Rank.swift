/// A rank as NATO codes it (STANAG 2116): OR-1…OR-9, OF-1…OF-10.
public enum Rank: Sendable, Hashable {
    case enlisted(UInt8)
    case officer(UInt8)

    /// `OR-4`, `OF-2`.
    public var code: String {
        switch self {
        case .enlisted(let grade): Self.enlistedCodes[Int(min(9, max(1, grade))) - 1]
        case .officer(let grade): Self.officerCodes[Int(min(10, max(1, grade))) - 1]
        }
    }

    private static let enlistedCodes = (1...9).map { "OR-\($0)" }
    private static let officerCodes = (1...10).map { "OF-\($0)" }

    /// The rank rises with age: most of a grade's people are of the years that it usually takes.
    static func draw(age: Int, isEnlisted: Bool, _ draws: inout Draws) -> Rank {
        if isEnlisted { return .enlisted(UInt8(min(9, max(1, (age - 16) / 3 + draws.below(3))))) }
        let usual = (age - 20) / 5 + draws.below(2)
        // A general now and then, where the years allow it.
        if usual >= 5, draws.below(8) == 0 { return .officer(UInt8(min(10, usual + draws.below(5)))) }
        return .officer(UInt8(min(5, max(1, usual))))
    }
}
