/// One or more statements without parameters, over the simple query protocol.
// Accessed by one thread at a time, like its superclass.
final class ScriptExchange: Exchange, @unchecked Sendable {
    private let sql: String
    /// Whether the driver itself wrote it.
    private let isInternal: Bool
    private var statements: StatementCache?
    private var ownEffect = SessionEffect.none
    /// Of a text that the driver did not write.
    private var traits: StatementTraits?
    /// What was sent.
    private var text: GuardedText?
    private(set) var error: PostgresError?
    /// The tags of the commands that ran.
    private(set) var commandTags: [String] = []
    private var refusal: PostgresError?

    init(_ sql: String, isInternal: Bool = false) {
        self.sql = sql
        self.isInternal = isInternal
    }

    override var answersInOneGo: Bool { true }

    override func encode(_ output: OutputBuffer, _ session: SessionView) throws(PostgresError) {
        statements = session.statements
        if !isInternal {
            let traits = StatementTraits(sql)
            try session.admit(traits)
            ownEffect = session.effect(of: traits)
            session.noteNames(traits)
            self.traits = traits
        }
        let text = GuardedText(sql, isGuarded: !isInternal && session.isGuarded)
        guard output.query(text.sql) else {
            throw PostgresError.nulInText("the script")
        }
        self.text = text
    }

    override func receive(_ message: InputBuffer.Message, _ output: OutputBuffer) -> Progress {
        switch message.type {
        case UInt8(ascii: "Z"): return .over
        case UInt8(ascii: "C"):
            if text?.takeTag() == true { return .more }
            var reader = MessageReader(message.body)
            commandTags.append(reader.string())
        case UInt8(ascii: "G"):
            refusal = PostgresError(.notSupported, "COPY … FROM STDIN does not run in a script: use copyIn")
            output.copyFail("use copyIn for COPY FROM STDIN")
        case UInt8(ascii: "H"):
            refusal = PostgresError(.notSupported, "COPY … TO STDOUT does not run in a script: use copyOut")
        case UInt8(ascii: "W"):
            return .broken(PostgresError(.protocolViolation, "the server began to replicate"))
        // Rows of a script are not asked for.
        case UInt8(ascii: "T"), UInt8(ascii: "D"), UInt8(ascii: "I"), UInt8(ascii: "d"), UInt8(ascii: "c"): break
        default:
            return .broken(
                PostgresError(
                    .protocolViolation, "the server sent an unexpected message (\(UnicodeScalar(message.type)))"))
        }
        return .more
    }

    override func receive(_ error: PostgresError, _ output: OutputBuffer) -> Progress {
        if self.error == nil {
            self.error = refusal ?? (text?.corrected(error) ?? error)
            if traits?.endsTransaction == true, !commandTags.isEmpty { self.error?.outcome = .unknown }
        }
        return .more
    }

    override func end() {
        if error == nil { error = refusal }
        if error == nil, let commits = traits?.commits,
            zip(commits, commandTags).contains(where: { $0 && $1 == "ROLLBACK" })
        {
            error = .rolledBackInstead
            if commits.count > 1 { error?.outcome = .unknown }
        }
        if commandTags.contains("DISCARD ALL") || commandTags.contains("DEALLOCATE ALL") { statements?.removeAll() }
    }

    override var effect: SessionEffect { ownEffect }

    override var serverError: PostgresError? { error }

    override var isOneStatement: Bool { false }
}
