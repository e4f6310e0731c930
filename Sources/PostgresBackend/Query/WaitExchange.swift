import CVitalsLibPQ

/// Waits for notifications; sends nothing.
final class WaitExchange: Exchange, @unchecked Sendable {  // As its superclass.
    private(set) var notifications: [PostgresNotification] = []

    /// Some may have come with the answers to earlier statements.
    override func send(_ wire: OpaquePointer) throws(PostgresError) { collect(wire) }

    override var isSettled: Bool { !notifications.isEmpty }

    override func pump(_ wire: OpaquePointer) -> Progress {
        collect(wire)
        if PQstatus(wire) == CONNECTION_BAD { return .broken(.lost(wire)) }
        return isSettled ? .over : .wait
    }

    override func abandon(_ wire: OpaquePointer) -> Abandonment { .drop }

    private func collect(_ wire: OpaquePointer) {
        while let notify = PQnotifies(wire) {
            notifications.append(
                PostgresNotification(
                    channel: notify.pointee.relname.map { String(cString: $0) } ?? "",
                    payload: notify.pointee.extra.map { String(cString: $0) } ?? "", backendID: notify.pointee.be_pid))
            PQfreemem(notify)
        }
    }
}
