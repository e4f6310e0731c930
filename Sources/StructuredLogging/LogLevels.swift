public import Logging
import Synchronization

/// The levels of loggers by label, which an operator may change while the process runs.
///
/// A label's level is that of the longest name set that is the label or a part of it before a dot: `database` counts for
/// `database.pool`. Asking costs one atomic read.
public final class LogLevels: Sendable {
    private let state: LogLock<State>

    private struct State {
        var standard: Logger.Level
        var names: [String: Logger.Level] = [:]
        var cells: [String: LevelCell] = [:]

        func level(of label: String) -> Logger.Level {
            var name = label[...]
            while true {
                if let level = names[String(name)] { return level }
                guard let dot = name.lastIndex(of: ".") else { return standard }
                name = name[..<dot]
            }
        }
    }

    /// Levels.
    /// - Parameter standard: For labels of which nothing is said.
    public init(_ standard: Logger.Level = .info) { state = LogLock(State(standard: standard)) }

    /// Sets the level of labels of which nothing else is said.
    public func set(_ standard: Logger.Level) { change { $0.standard = standard } }

    /// Sets the level of a label and those below it; `nil` takes it back.
    public func set(_ level: Logger.Level?, for name: String) { change { $0.names[name] = level } }

    /// What counts for a label.
    public func level(of label: String) -> Logger.Level { state.withLock { $0.level(of: label) } }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            for (label, cell) in state.cells { cell.level = state.level(of: label) }
        }
    }

    func cell(for label: String) -> LevelCell {
        state.withLock { state in
            if let cell = state.cells[label] { return cell }
            let cell = LevelCell(state.level(of: label))
            state.cells[label] = cell
            return cell
        }
    }
}

/// The level of one label.
final class LevelCell: Sendable {
    private let place: Atomic<UInt8>

    init(_ level: Logger.Level) { place = Atomic(Self.place(of: level)) }

    // Asked for each record, written or not.
    var level: Logger.Level {
        get {
            switch place.load(ordering: .relaxed) {
            case 0: .trace
            case 1: .debug
            case 2: .info
            case 3: .notice
            case 4: .warning
            case 5: .error
            default: .critical
            }
        }
        set { place.store(Self.place(of: newValue), ordering: .relaxed) }
    }

    private static func place(of level: Logger.Level) -> UInt8 {
        switch level {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }
}
