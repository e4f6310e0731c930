import Synchronization

/// Which of a few states something is in. One scrape shows one moment of it.
///
/// ```swift
/// let phase = try registry.stateSet("server_phase", help: "Phase.", states: ["starting", "serving", "draining"])
/// phase.set("serving")
/// ```
public final class StateSet: Sendable {
    /// The states.
    public let states: [String]
    private let bits = Atomic<UInt64>(0)

    init(_ states: [String]) { self.states = states }

    /// Enters a state and leaves all others; an unknown one changes nothing.
    /// - Returns: Whether the state is known.
    @discardableResult
    public func set(_ state: String) -> Bool {
        guard let bit = bit(state) else { return false }
        bits.store(bit, ordering: .relaxed)
        return true
    }

    /// Enters or leaves a state, whatever the others are.
    @discardableResult
    public func set(_ state: String, active: Bool) -> Bool {
        guard let bit = bit(state) else { return false }
        if active {
            bits.bitwiseOr(bit, ordering: .relaxed)
        } else {
            bits.bitwiseAnd(~bit, ordering: .relaxed)
        }
        return true
    }

    /// Enters a state and leaves all others.
    @discardableResult
    public func set<State: RawRepresentable<String>>(_ state: State) -> Bool { set(state.rawValue) }

    /// The states it is in.
    public var active: [String] { series.filter { $0.value == 1 }.flatMap(\.values) }

    private func bit(_ state: String) -> UInt64? { states.firstIndex(of: state).map { 1 << UInt64($0) } }

    var series: [(values: [String], value: Double)] {
        let bits = bits.load(ordering: .relaxed)
        return states.enumerated().map { (values: [$1], value: bits >> UInt64($0) & 1 == 1 ? 1 : 0) }
    }
}
