// The places of fields among their cases: what texts and counts are looked up by.

extension Patient.Outcome {
    @inline(__always) var ordinal: Int {
        switch self {
        case .killed: 0
        case .diedOfWounds: 1
        case .returned: 2
        case .inTreatment: 3
        }
    }
}

extension InjuryType {
    @inline(__always) var ordinal: Int {
        switch self {
        case .disease: 0
        case .nonBattle: 1
        case .battle: 2
        }
    }
}

extension Warfare {
    @inline(__always) var ordinal: Int {
        switch self {
        case .conventional: 0
        case .artillery: 1
        case .urban: 2
        case .guerrilla: 3
        case .drone: 4
        case .naval: 5
        case .cbrn: 6
        case .peacekeeping: 7
        }
    }
}

extension Mechanism {
    @inline(__always) var ordinal: Int {
        switch self {
        case .explosion: 0
        case .gunshot: 1
        case .other: 2
        }
    }
}

extension BleedingSite {
    @inline(__always) var ordinal: Int {
        switch self {
        case .truncal: 0
        case .junctional: 1
        case .extremity: 2
        }
    }
}

extension Patient.Movement.Kind {
    static let all: [Self] = [.arrival, .evacuationStart, .transitStart, .kia, .dow, .rtd]

    @inline(__always) var ordinal: Int {
        switch self {
        case .arrival: 0
        case .evacuationStart: 1
        case .transitStart: 2
        case .kia: 3
        case .dow: 4
        case .rtd: 5
        }
    }
}

extension Rank {
    /// OR-1…OR-9, then OF-1…OF-10.
    static let all: [Rank] = (1...9).map { .enlisted($0) } + (1...10).map { .officer($0) }

    @inline(__always) var ordinal: Int {
        switch self {
        case .enlisted(let grade): min(9, max(1, Int(grade))) - 1
        case .officer(let grade): min(10, max(1, Int(grade))) + 8
        }
    }
}

extension Patient.Vitals {
    /// Whether the patient can tell of pain.
    var canTellPain: Bool { consciousness >= 9 }

    /// Alert, voice, pain, unresponsive: the nearest of the median coma scores 15, 13, 8 and 3 that Kelly 2004 found.
    var responsiveness: Responsiveness {
        consciousness >= 14 ? .alert : consciousness >= 11 ? .voice : consciousness >= 6 ? .pain : .unresponsive
    }
}

/// The AVPU scale.
enum Responsiveness: Int, CaseIterable {
    case alert, voice, pain, unresponsive

    /// `A`, `V`, `P`, `U`.
    var letter: StaticString {
        switch self {
        case .alert: "A"
        case .voice: "V"
        case .pain: "P"
        case .unresponsive: "U"
        }
    }
}
