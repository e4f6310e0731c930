import CVitalsLibPQ
import Synchronization

/// What is known of a server session: its transaction, its settings, and what statements may have left behind in it.
// The atomics are for any thread; the rest is accessed only by the task that has the turn, then only on the loop.
final class SessionFacts: @unchecked Sendable {
    private let status = Atomic<UInt8>(PostgresConnection.TransactionStatus.idle.rawValue)
    private let effects = Atomic<UInt8>(0)
    /// Whether strings have no escapes (`standard_conforming_strings`).
    private(set) var hasStandardStrings: Bool
    /// Settings as the server reported them at the start, and since then where they changed.
    private let initial: [String: String]
    private var reported: [String: String] = [:]

    /// Reads what the server reported while libpq connected.
    init(_ connection: OpaquePointer) {
        var initial: [String: String] = [:]
        for name in ["application_name", "DateStyle", "IntervalStyle", "TimeZone", "standard_conforming_strings"] {
            if let value = PQparameterStatus(connection, name) { initial[name] = String(cString: value) }
        }
        self.initial = initial
        hasStandardStrings = initial["standard_conforming_strings"] == "on"
    }

    /// As of the last exchange that ended.
    var transactionStatus: PostgresConnection.TransactionStatus {
        PostgresConnection.TransactionStatus(rawValue: status.load(ordering: .acquiring)) ?? .unknown
    }

    /// What the statements so far may have left behind in the session.
    var effect: SessionEffect {
        get { SessionEffect(rawValue: effects.load(ordering: .acquiring)) ?? .discard }
        set { effects.store(newValue.rawValue, ordering: .releasing) }
    }

    /// Notes a statement's effect on the session.
    func add(_ effect: SessionEffect) {
        if effect != .none, effect.rawValue > effects.load(ordering: .relaxed) { self.effect = effect }
    }

    /// Statements that give settings their first value again, where a reset did not: behind a proxy it was the proxy that
    /// had set them. To be called by the session's only user.
    var remainingResets: String {
        initial.filter { (reported[$0.key] ?? $0.value) != $0.value }.sorted { $0.key < $1.key }
            .map { "SET \($0.key) = '\($0.value.replacing("'", with: "''"))'" }.joined(separator: "; ")
    }

    // MARK: What the server reports

    /// Notes the state of the transaction, from a `ReadyForQuery` message.
    func note(_ byte: UInt8) {
        let now: PostgresConnection.TransactionStatus =
            switch byte {
            case UInt8(ascii: "I"): .idle
            case UInt8(ascii: "T"): .inTransaction
            case UInt8(ascii: "E"): .failed
            default: .unknown
            }
        status.store(now.rawValue, ordering: .releasing)
    }

    /// Notes a setting, from a `ParameterStatus` message.
    func settingChanged(_ body: UnsafeRawBufferPointer) -> Exchange.Progress {
        var reader = MessageReader(body)
        let name = reader.string()
        let value = reader.string()
        reported[name] = value
        if name == "client_encoding", value != "UTF8" {
            return .broken(
                PostgresError(
                    .notSupported, "client_encoding became \(value): leave it at UTF8, the server converts by itself"))
        }
        switch name {
        // Follows from another setting, or from what happens to the server.
        case "is_superuser": break
        case "in_hot_standby": break
        case "standard_conforming_strings":
            hasStandardStrings = value == "on"
            add(.session)
        default: add(.session)
        }
        return .more
    }
}
