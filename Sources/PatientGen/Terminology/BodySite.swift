/// Where on the body a condition is, with its side: a ``BodyRegion`` told more closely.
///
/// Arms have as many wounds as legs (Owens 2007: 461 and 454 of 915 fractures), and left as many as right, an assumption.
public enum BodySite: UInt8, Sendable, Hashable, CaseIterable {
    case head, face, neck, thorax, abdomen, back, wholeBody
    case leftEye, rightEye, leftEar, rightEar, leftArm, rightArm, leftLeg, rightLeg

    /// `left arm`, `whole body` …
    public var name: String { Self.names[Int(rawValue)] }
    /// Whether it is an arm or a leg.
    public var isLimb: Bool { rawValue >= Self.leftArm.rawValue }

    private static let names = [
        "head", "face", "neck", "thorax", "abdomen", "back", "whole body", "left eye", "right eye", "left ear",
        "right ear", "left arm", "right arm", "left leg", "right leg",
    ]

    /// The same on the other side; itself, where there is none. A left one stands before its right one.
    @inline(__always)
    var opposite: BodySite {
        guard rawValue >= Self.leftEye.rawValue else { return self }
        return BodySite(rawValue: rawValue & 1 == 1 ? rawValue + 1 : rawValue - 1) ?? self
    }

    /// The limb of the other kind on the same side.
    var otherLimb: BodySite {
        guard isLimb else { return self }
        return BodySite(rawValue: rawValue >= Self.leftLeg.rawValue ? rawValue - 2 : rawValue + 2) ?? self
    }

    /// The site of a region, on its left side where it has two.
    /// - Parameter isLeg: for the extremities, whether it is the leg.
    @inline(__always)
    init(_ region: BodyRegion, isLeg: Bool = true) {
        self =
            switch region {
            case .head: .head
            case .eyes: .leftEye
            case .ears: .leftEar
            case .face: .face
            case .neck: .neck
            case .thorax: .thorax
            case .abdomen: .abdomen
            case .extremity: isLeg ? .leftLeg : .leftArm
            }
    }
}

/// What a condition's code says of its place, beyond the region; one byte, as it is asked for each wound.
private struct SiteRule: OptionSet {
    let rawValue: UInt8
    static let arm = SiteRule(rawValue: 1)
    static let leg = SiteRule(rawValue: 2)
    static let back = SiteRule(rawValue: 4)
    static let wholeBody = SiteRule(rawValue: 8)
    static let amputation = SiteRule(rawValue: 16)
    static let fracture = SiteRule(rawValue: 32)
    static let blunt = SiteRule(rawValue: 64)

    private static let sites: [(SiteRule, Set<String>)] = [
        (
            .arm,
            ["284549007", "283371005", "65966004", "70704007", "S42.3", "S45.1", "S48.1", "S58.1", "S62.6", "S68.1"]
        ),
        (
            .leg,
            [
                "283385000", "284551006", "71620000", "16114001", "44465007", "S75.0", "S78.1", "S82.2", "S82.6",
                "S83.2", "S83.5", "S85.0", "S88.1", "S98.0",
            ]
        ),
        (.back, ["M54.4", "M54.5"]),
        // Burns told by the share of the surface, and what befalls the whole body.
        (.wholeBody, ["T31.1", "T31.3", "355001", "52072009", "T67.5", "T68", "T66", "B50.9"]),
        (.blunt, ["125665001", "125667009"]),
    ]

    /// By the condition's place in the curated table.
    private static let all: [SiteRule] = {
        var rules = Condition.all.map { condition in
            sites.reduce(into: SiteRule()) { if $1.1.contains(condition.code) { $0.insert($1.0) } }
        }
        for row in Condition.battle {
            if row.traits.contains(.amputation) { rules[row.place].insert(.amputation) }
            if row.traits.contains(.fracture) { rules[row.place].insert(.fracture) }
        }
        return rules
    }()

    @inline(__always)
    static func of(_ condition: Condition) -> SiteRule { all[condition.place] }
}

extension Condition {
    /// Whether a limb, or a part of one, is gone.
    var isAmputation: Bool { SiteRule.of(self).contains(.amputation) }
    /// Whether it is a wound of battle with a broken bone that is splinted.
    var isFracture: Bool { SiteRule.of(self).contains(.fracture) }
    /// Whether something blunt did it.
    var isBlunt: Bool { SiteRule.of(self).contains(.blunt) }
}

extension Patient {
    /// Gives each finding its site. No limb is lost twice, and what else befell a limb that is gone befell another.
    mutating func locateFindings(seed: UInt64) {
        var draws = Draws(seed: seed, index: index, stream: .site)
        var bits = draws.next()
        var lost: UInt16 = 0
        for place in conditions.indices {
            let rule = SiteRule.of(conditions[place].condition)
            let isLeg = rule.contains(.leg) || (!rule.contains(.arm) && bits & 1 == 1)
            var site: BodySite =
                rule.contains(.wholeBody)
                ? .wholeBody : rule.contains(.back) ? .back : BodySite(conditions[place].region, isLeg: isLeg)
            if bits & 2 == 2 { site = site.opposite }
            bits >>= 2
            if rule.contains(.amputation) {
                if lost & 1 << site.rawValue != 0 { site = site.opposite }
                lost |= 1 << site.rawValue
            }
            conditions[place].site = site
        }
        if lost != 0 { moveFromLost(lost) }
    }

    /// To the other side, or where that is gone too to a limb of the other kind, if the condition can be of one.
    private mutating func moveFromLost(_ lost: UInt16) {
        for place in conditions.indices where lost & 1 << conditions[place].site.rawValue != 0 {
            let rule = SiteRule.of(conditions[place].condition)
            guard !rule.contains(.amputation) else { continue }
            let site = conditions[place].site
            if lost & 1 << site.opposite.rawValue == 0 {
                conditions[place].site = site.opposite
            } else if rule.isDisjoint(with: [.arm, .leg]) {
                conditions[place].site = site.otherLimb
            }
        }
    }
}
