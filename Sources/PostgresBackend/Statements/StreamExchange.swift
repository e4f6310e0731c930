import SQLDatabase

/// A statement whose rows are taken as they come.
///
/// Inside a transaction the rows are fetched from a portal some at a time, so that a stream that ends early closes the
/// portal and leaves the transaction as it is. Outside of one the server sends all of them, as fast as they are taken,
/// and a stream that ends early is cancelled.
// Accessed by one thread at a time, like its superclass.
final class StreamExchange: Exchange, ReadableExchange, @unchecked Sendable {
    /// How many bytes of rows wait for the task before the loop stops reading.
    private static let longestBacklog = 256 * 1024
    /// Rows of one fetch from a portal.
    private static let fetchSize: Int32 = 1024

    private enum Phase { case rows, ending }

    private let query: SQLQuery
    private var phase = Phase.rows
    private var readOnlyGuard: ReadOnlyGuard?
    private var usesPortal = false
    /// Whether the portal has more rows, none of which have been asked for.
    private var isSuspended = false
    private var rows = RowStore()
    private var description: RowDescription?
    private var error: PostgresError?
    private var ownEffect = SessionEffect.none
    private(set) var mayWrite = true
    private(set) var isOver = false
    private var endsTransaction = true
    private var isCommit = false
    /// Whether the task takes no more rows and waits for the end alone.
    private var isDiscarding = false
    /// Whether rows have come.
    private var hasRows = false
    /// Rows that the task has taken. Accessed only by the task.
    private(set) var rowsTaken = 0

    init(_ query: SQLQuery) { self.query = query }

    override func encode(_ output: OutputBuffer, _ session: SessionView) throws(PostgresError) {
        let traits = StatementTraits(query.sql)
        if traits.isCopy { throw PostgresError(.notSupported, "COPY does not run as a query: use copyIn or copyOut") }
        try session.admit(traits)
        ownEffect = session.effect(of: traits)
        session.noteNames(traits)
        mayWrite = traits.mayWrite
        endsTransaction = session.mayEndTransaction(traits)
        isCommit = traits.commits == [true]
        usesPortal = session.isInTransaction && traits.isPlanned
        if session.isGuarded {
            readOnlyGuard = ReadOnlyGuard(session)
            readOnlyGuard?.encode(output, mayUseName: false)
            readOnlyGuard?.awaitAnswer()
        }
        // Unprepared and in text: a statement with a result worth streaming does not recur by the thousand, and a second
        // round trip to learn its columns' types would cost more than it gains.
        let types = ParameterType.of(query.parameters, traits)
        guard output.parse(query.sql, name: "", types: types) else { throw PostgresError.nulInText("the statement") }
        try ParameterEncoding.bind(query.parameters, to: "", formats: [], output)
        output.describePortal()
        output.execute(maximumRows: usesPortal ? Self.fetchSize : 0)
        if usesPortal { output.flush() } else { output.sync() }
    }

    override func receive(_ message: InputBuffer.Message, _ output: OutputBuffer) -> Progress {
        switch message.type {
        case UInt8(ascii: "Z"):
            if !isAbandoned { isOver = true }
            return .over
        case _ where readOnlyGuard?.isAwaited == true: readOnlyGuard?.receive(message.type)
        case UInt8(ascii: "T"): description = RowDescription(message.body)
        case UInt8(ascii: "D"):
            hasRows = true
            if isAbandoned || isDiscarding { return .more }
            rows.append(message.body)
            return rows.byteCount >= Self.longestBacklog ? .pause : .more
        case UInt8(ascii: "s"):
            if isAbandoned || phase == .ending { return .more }
            if isDiscarding {
                endPortal(output, close: true)
                return .more
            }
            isSuspended = true
            return .pause
        case UInt8(ascii: "C"), UInt8(ascii: "I"):
            var reader = MessageReader(message.body)
            if isCommit, reader.string() == "ROLLBACK" { error = .rolledBackInstead }
            if usesPortal, phase == .rows { endPortal(output, close: false) }
        case UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "n"): break
        default:
            return .broken(
                PostgresError(
                    .protocolViolation, "the server sent an unexpected message (\(UnicodeScalar(message.type)))"))
        }
        return .more
    }

    override func receive(_ error: PostgresError, _ output: OutputBuffer) -> Progress {
        _ = readOnlyGuard?.fail(error)
        if self.error == nil { self.error = error }
        // The server skips everything up to the synchronization.
        if usesPortal, phase == .rows { endPortal(output, close: false) }
        return .more
    }

    private func endPortal(_ output: OutputBuffer, close closesPortal: Bool) {
        phase = .ending
        isSuspended = false
        if closesPortal { output.closePortal() }
        output.sync()
    }

    override var mayEndTransaction: Bool { endsTransaction }

    override var mayHaveTakenEffect: Bool { mayWrite }

    func discardRest() {
        isDiscarding = true
        rows = RowStore()
    }

    override var wantsPauseWhenIdle: Bool { rows.count > 0 && !isSuspended }

    override func proceed(_ output: OutputBuffer) {
        guard isSuspended else { return }
        isSuspended = false
        if isDiscarding { return endPortal(output, close: true) }
        output.execute(maximumRows: Self.fetchSize)
        output.flush()
    }

    override func abandon(_ output: OutputBuffer) -> Abandonment {
        guard usesPortal else { return .cancel }
        // At most one fetch is on its way.
        if phase == .rows { endPortal(output, close: true) }
        // Once rows have come the rest of the fetch is on its way; before that it may run long.
        return hasRows ? .drain : .cancel
    }

    override var effect: SessionEffect { ownEffect }

    override var serverError: PostgresError? { error }

    func takePart() throws(PostgresError) -> [SQLRow]? {
        guard rows.count > 0 else { return nil }
        let taken = rows
        rows = RowStore()
        rowsTaken += taken.count
        guard let description else {
            throw PostgresError(.protocolViolation, "the server sent rows without describing them")
        }
        return try taken.rows(description)
    }

    func checkEnd() throws {
        if let error { throw thrown(error) }
    }
}
