/// A savepoint around a COPY inside a transaction, so that a COPY that is given up leaves the transaction as it was.
struct CopySavepoint {
    let name: String

    func begin(_ output: OutputBuffer) { _ = output.query("SAVEPOINT \(name)") }

    func release(_ output: OutputBuffer) { _ = output.query("RELEASE SAVEPOINT \(name)") }

    func rollBack(_ output: OutputBuffer) {
        _ = output.query("ROLLBACK TO SAVEPOINT \(name); RELEASE SAVEPOINT \(name)")
    }
}

/// What the two directions of COPY share: the requests around the COPY, and how it ends.
// Accessed by one thread at a time, like its superclass.
class CopyExchange: Exchange, @unchecked Sendable {
    fileprivate enum Phase { case opening, copying, ending }

    private let sql: String
    private let savepointName: String
    private var savepoint: CopySavepoint?
    fileprivate var phase = Phase.opening
    /// Whole answers to await before the COPY's own, and after it.
    private var preludes = 0
    private var epilogues = -1
    private(set) var commandTag: String?
    fileprivate(set) var error: PostgresError?
    private(set) var isOver = false
    private var ownEffect = SessionEffect.none
    private var hasBegun = false
    /// What was sent.
    private var text: GuardedText?
    /// Whether what it copies out may come from a statement that writes.
    private(set) var mayWrite = false
    /// Whether rows may be sent in the text format: the statement has no option that may change it.
    private(set) var takesRows = false
    /// Whether the COPY is to end before it is complete, whatever the reason; what it did is undone inside its transaction.
    fileprivate var isGivenUp = false
    /// Whether it runs inside a transaction that is to go on.
    fileprivate var hasSavepoint: Bool { savepoint != nil }

    init(_ sql: String, savepointName: String) {
        self.sql = sql
        self.savepointName = savepointName
    }

    override final func encode(_ output: OutputBuffer, _ session: SessionView) throws(PostgresError) {
        let traits = StatementTraits(sql)
        guard traits.isCopy, traits.commits.count == 1 else {
            throw PostgresError(.notSupported, "copyIn and copyOut take one COPY statement: use execute or query")
        }
        try session.admit(traits)
        mayWrite = traits.mayWrite
        takesRows = session.canRead(traits) && CopyRowFormat.isUsual(sql)
        ownEffect = session.effect(of: traits)
        session.noteNames(traits)
        if session.isInTransaction {
            let savepoint = CopySavepoint(name: savepointName)
            savepoint.begin(output)
            self.savepoint = savepoint
            preludes += 1
        }
        let text = GuardedText(sql, isGuarded: session.isGuarded)
        guard output.query(text.sql) else {
            throw PostgresError.nulInText("the COPY statement")
        }
        self.text = text
    }

    override func receive(_ message: InputBuffer.Message, _ output: OutputBuffer) -> Progress {
        if message.type == UInt8(ascii: "Z") {
            if preludes > 0 {
                preludes -= 1
                return .more
            }
            if epilogues < 0 { sendEpilogues(output) } else { epilogues -= 1 }
            if epilogues > 0 { return .more }
            if !isAbandoned { isOver = true }
            return .over
        }
        if preludes > 0 || epilogues >= 0 { return .more }
        switch message.type {
        case UInt8(ascii: "C"):
            if text?.takeTag() == true { return .more }
            var reader = MessageReader(message.body)
            if commandTag == nil { commandTag = reader.string() }
        case UInt8(ascii: "T"), UInt8(ascii: "D"), UInt8(ascii: "I"), UInt8(ascii: "d"), UInt8(ascii: "c"): break
        case UInt8(ascii: "G"), UInt8(ascii: "H"):
            hasBegun = true
            return began(message.type, output)
        case UInt8(ascii: "W"): return .broken(PostgresError(.protocolViolation, "the server began to replicate"))
        default: return .broken(PostgresError(.protocolViolation, "the server sent an unexpected message"))
        }
        return .more
    }

    override func receive(_ error: PostgresError, _ output: OutputBuffer) -> Progress {
        if preludes == 0, epilogues < 0, self.error == nil {
            self.error = text?.corrected(error) ?? error
        }
        return .more
    }

    private func sendEpilogues(_ output: OutputBuffer) {
        phase = .ending
        epilogues = 0
        if let savepoint {
            if error != nil && isGivenUp {
                savepoint.rollBack(output)
            } else if error == nil {
                savepoint.release(output)
            }
            if error == nil || isGivenUp { epilogues += 1 }
        }
    }

    /// The server is ready to copy: `G` in, `H` out.
    fileprivate func began(_ type: UInt8, _ output: OutputBuffer) -> Progress { .more }

    override final var effect: SessionEffect { ownEffect }

    override final var serverError: PostgresError? { error }

    override final var mayEndTransaction: Bool { false }

    /// What its task is to throw where it failed.
    final var failure: (any Error)? { error.map { thrown($0) } }

    /// The result, once it is over.
    final func result() throws -> PostgresResult {
        if let failure { throw failure }
        guard hasBegun else {
            throw PostgresError(
                .notSupported, "the COPY has run, but between the server and its own files: use execute",
                outcome: .applied)
        }
        return try PostgresResult(RowStore(), nil, commandTag: commandTag ?? "")
    }
}

/// COPY … FROM STDIN: pauses whenever it can take more bytes.
// Accessed by one thread at a time, like its superclass.
final class CopyInExchange: CopyExchange, @unchecked Sendable {
    /// What the task gives next.
    var chunk: [UInt8] = []
    /// Whether the task has nothing more to give.
    var isLast = false
    /// Why the task gives up, if it does.
    var refusal: String?
    /// Whether the server has been told that there are no more rows.
    private var isSentInFull = false

    fileprivate override func began(_ type: UInt8, _ output: OutputBuffer) -> Progress {
        guard type == UInt8(ascii: "G") else {
            error = PostgresError(.notSupported, "copyIn takes COPY … FROM STDIN: use copyOut for the other way")
            isGivenUp = true
            return .more
        }
        if isGivenUp {
            end(output, because: "cancelled")
            return .more
        }
        phase = .copying
        return .pause
    }

    override var wantsPauseWhenIdle: Bool { phase == .copying }

    override func receive(_ error: PostgresError, _ output: OutputBuffer) -> Progress {
        // The server refuses a row while more are being sent: nothing more is needed.
        if phase == .copying { phase = .ending }
        return super.receive(error, output)
    }

    /// A COPY whose rows have not all been sent fails as a whole. Before it opens it may be one of a server's own file.
    override var isComplete: Bool { isSentInFull || phase == .opening }

    override var mayHaveTakenEffect: Bool { isComplete }

    override func proceed(_ output: OutputBuffer) {
        guard phase == .copying else { return }
        if !chunk.isEmpty {
            chunk.withUnsafeBytes { output.copyData($0) }
            chunk.removeAll(keepingCapacity: true)
        }
        if let refusal {
            isGivenUp = true
            end(output, because: refusal)
        } else if isLast {
            output.copyDone()
            isSentInFull = true
            phase = .ending
        }
    }

    /// Has the server, which takes rows, end the COPY in failure.
    private func end(_ output: OutputBuffer, because reason: String) {
        phase = .ending
        output.copyFail(reason)
    }

    /// A server that waits for rows heeds no cancel request, and one that waits for a lock takes no rows. So it gets both,
    /// except inside a transaction, where a late request could hit what follows.
    override func abandon(_ output: OutputBuffer) -> Abandonment {
        isGivenUp = true
        guard phase == .copying else { return .cancel }
        end(output, because: "cancelled")
        return hasSavepoint ? .drain : .sendAndCancel
    }
}

/// COPY … TO STDOUT: pauses with what has come.
// Accessed by one thread at a time, like its superclass.
final class CopyOutExchange: CopyExchange, ReadableExchange, @unchecked Sendable {
    private static let longestBacklog = 256 * 1024
    private var bytes: [UInt8] = []
    /// Whether the task takes no more bytes and waits for the end alone.
    private var isDiscarding = false

    func discardRest() {
        isDiscarding = true
        bytes = []
    }

    func takePart() -> [UInt8]? {
        guard !bytes.isEmpty else { return nil }
        defer { bytes = [] }
        return bytes
    }

    func checkEnd() throws { _ = try result() }

    fileprivate override func began(_ type: UInt8, _ output: OutputBuffer) -> Progress {
        guard type == UInt8(ascii: "H") else {
            output.copyFail("use copyIn for COPY FROM STDIN")
            return .more
        }
        phase = .copying
        return .more
    }

    override func receive(_ message: InputBuffer.Message, _ output: OutputBuffer) -> Progress {
        if phase == .copying {
            if message.type == UInt8(ascii: "d") {
                if isAbandoned || isDiscarding { return .more }
                bytes.append(contentsOf: message.body)
                return bytes.count >= Self.longestBacklog ? .pause : .more
            }
            if message.type == UInt8(ascii: "c") { return .more }
        }
        return super.receive(message, output)
    }

    override var wantsPauseWhenIdle: Bool { !bytes.isEmpty }

    override var mayHaveTakenEffect: Bool { mayWrite }

    override func abandon(_ output: OutputBuffer) -> Abandonment {
        isGivenUp = true
        return .cancel
    }
}
