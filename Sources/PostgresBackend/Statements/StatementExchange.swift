import SQLDatabase

/// One statement with its parameters, or several in one round trip, over the extended query protocol.
///
/// A statement seen for the first time is prepared and run in the same round trip, with a result in text. From then on
/// it is bound and run by its name, with each column in binary whose binary form is read here.
// Accessed by one thread at a time, like its superclass.
final class StatementExchange: Exchange, @unchecked Sendable {
    /// What became of one statement.
    // Accessed like its exchange.
    final class Part {
        let query: SQLQuery
        var statement: PreparedStatement?
        /// Whether it ran by a name that an earlier exchange prepared.
        var usedCache = false
        /// Whether it ran, or was to be prepared, under a name.
        var isNamed = false
        /// Whether it was not sent because of an error that was found before.
        var isRefused = false
        /// Whether it did not run because the guard before it could not.
        var hasStaleGuard = false
        var description: RowDescription?
        @exclusivity(unchecked) var rows = RowStore()
        var commandTag: String?
        var error: PostgresError?

        init(_ query: SQLQuery) { self.query = query }
    }

    /// How the statements share their fate.
    enum Grouping {
        /// All take effect or none does, unless a transaction is open already.
        case together
        /// Each stands by itself.
        case separate
    }

    let parts: [Part]
    private let keeps: Bool
    private let grouping: Grouping
    private var cache: StatementCache?
    private var session: SessionView?
    @exclusivity(unchecked) private var readOnlyGuard: ReadOnlyGuard?
    /// Which parts have been sent.
    private var sent = 0
    /// The part whose answer is awaited.
    private var current = 0
    private var isStopped = false
    /// Whether a statement before may have changed what prepared ones mean: those behind it are prepared anew.
    private var isUncertain = false
    /// From here to the end all parts are one statement: of one text, with parameters of the same types.
    private let uniformStart: Int
    /// How many separate statements may be on their way at once: those that were not sent when the exchange is cancelled
    /// never run.
    private static let window = 256

    /// - Parameters:
    ///   - keeps: Whether the statements are worth keeping prepared.
    ///   - grouping: How they share their fate.
    init(_ queries: [SQLQuery], keeps: Bool, grouping: Grouping = .together) {
        parts = queries.map { Part($0) }
        var start = max(0, queries.count - 1)
        while start > 0, Self.areOne(queries[start - 1], queries[start]) { start -= 1 }
        uniformStart = start
        self.keeps = keeps
        self.grouping = grouping
    }

    private static func areOne(_ a: SQLQuery, _ b: SQLQuery) -> Bool {
        guard a.sql.isExactly(b.sql), a.parameters.count == b.parameters.count else { return false }
        return a.parameters.indices.allSatisfy { index in
            let (a, b) = (a.parameters[index], b.parameters[index])
            return ParameterType.of(a) == ParameterType.of(b) && (a == .null) == (b == .null)
        }
    }

    override var answersInOneGo: Bool { true }

    // MARK: Sending

    override func encode(_ output: OutputBuffer, _ session: SessionView) throws(PostgresError) {
        cache = session.statements
        self.session = session
        isUncertain = session.statements.isUncertain
        if session.isGuarded {
            readOnlyGuard = ReadOnlyGuard(session)
            readOnlyGuard?.awaitAnswer()
        }
        let retired = session.statements.takeRetired()
        for statement in retired { output.closeStatement(statement.name) }
        do throws(PostgresError) {
            try encodeParts(output)
        } catch {
            session.statements.retire(retired)
            throw error
        }
    }

    private func encodeParts(_ output: OutputBuffer) throws(PostgresError) {
        switch grouping {
        case .together:
            readOnlyGuard?.encode(output, mayUseName: true)
            for index in parts.indices { try encode(index, output) }
            sent = parts.count
            output.sync()
        case .separate:
            while sent < min(parts.count, Self.window) { encodeNext(output) }
        }
    }

    /// Appends the next of the statements that stand by themselves. One that cannot be sent leaves its place empty, which
    /// the server answers like the others.
    private func encodeNext(_ output: OutputBuffer) {
        readOnlyGuard?.encode(output, mayUseName: !isUncertain)
        let start = output.position
        do throws(PostgresError) {
            if let defect = parts[sent].query.defect {
                throw PostgresError(.notSupported, defect.description, underlying: defect)
            }
            try encode(sent, output)
        } catch {
            output.truncate(to: start)
            refuse(parts[sent], error)
        }
        output.sync()
        sent += 1
    }

    private func refuse(_ part: Part, _ error: PostgresError) {
        if let statement = part.statement, !statement.isConfirmed { cache?.drop(statement) }
        part.statement = nil
        part.isRefused = true
        part.error = error
    }

    private func encode(_ index: Int, _ output: OutputBuffer) throws(PostgresError) {
        let part = parts[index]
        let query = part.query
        guard let cache, let session else { return }
        guard query.parameters.count <= 65_535 else {
            throw PostgresError(.dataError, "a statement takes at most 65,535 parameters: bind arrays and use unnest")
        }
        let known = keeps && !session.isPooled && !isUncertain ? cache.find(query) : nil
        let traits = known?.traits ?? StatementTraits(query.sql)
        try session.admit(traits)
        if let known, mayReuse(known, at: index), known.suits(query.parameters) {
            part.statement = known
            part.isNamed = true
            // Confirmed or on its way earlier in this exchange.
            part.usedCache = known.isConfirmed
            part.description = known.description
            note(traits)
            try bindAndExecute(query, known, output)
            return
        }
        if traits.isCopy {
            throw PostgresError(.notSupported, "COPY does not run as a query: use copyIn, copyOut, or executeScript")
        }
        let statement = PreparedStatement(
            sql: query.sql, types: ParameterType.of(query.parameters, traits), traits: traits)
        part.statement = statement
        let isKept = keeps && !session.isPooled && !isUncertain && known == nil && cache.accepts(query.sql)
        part.isNamed = isKept
        note(traits)
        guard output.parse(query.sql, name: isKept ? statement.name : "", types: statement.types) else {
            throw PostgresError.nulInText("the statement")
        }
        if isKept {
            cache.insert(statement)
            if statement.hasUntypedParameters { output.describeStatement(statement.name) }
        }
        try ParameterEncoding.bind(query.parameters, to: isKept ? statement.name : "", formats: [], output)
        output.describePortal()
        output.execute()
    }

    /// Notes what a statement does to those behind it.
    private func note(_ traits: StatementTraits) {
        guard let session, session.mayInvalidate(traits) else { return }
        isUncertain = true
        session.noteNames(traits)
    }

    /// Whether a part may run by a name that it does not prepare itself.
    ///
    /// Statements that share their fate may: when one cannot run, none does, and all run again. Of statements that stand
    /// by themselves the later ones have run by then. So these use a name only where nothing can make it invalid, for
    /// nothing that returns no columns is ever invalid by a change of the schema, or where what follows is invalid too.
    private func mayReuse(_ statement: PreparedStatement, at index: Int) -> Bool {
        guard grouping == .separate else { return true }
        guard statement.isConfirmed else { return false }
        return index >= uniformStart || statement.description?.columns.isEmpty != false
    }

    private func bindAndExecute(
        _ query: SQLQuery, _ statement: PreparedStatement, _ output: OutputBuffer
    ) throws(PostgresError) {
        try ParameterEncoding.bind(query.parameters, to: statement.name, formats: statement.formats, output)
        output.describePortal()
        output.execute()
    }

    // MARK: Receiving

    override func receive(_ message: InputBuffer.Message, _ output: OutputBuffer) -> Progress {
        switch message.type {
        case UInt8(ascii: "Z"): return synchronized(output)
        case UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "n"): return .more
        default: break
        }
        guard current < parts.count else { return unexpected(message) }
        if readOnlyGuard?.isAwaited == true {
            readOnlyGuard?.receive(message.type)
            return .more
        }
        let part = parts[current]
        switch message.type {
        case UInt8(ascii: "D"):
            if !isAbandoned { part.rows.append(message.body) }
        case UInt8(ascii: "T"):
            if let known = part.description, known.isDescribed(by: message.body) { break }
            guard let description = RowDescription(message.body) else { return unexpected(message) }
            part.description = description
        case UInt8(ascii: "C"), UInt8(ascii: "I"):
            var reader = MessageReader(message.body)
            part.commandTag = message.type == UInt8(ascii: "C") ? reader.string() : ""
            if grouping == .together { current += 1 }
        case UInt8(ascii: "1"): part.statement?.isConfirmed = true
        case UInt8(ascii: "t"): part.statement?.noteParameters(message.body)
        default: return unexpected(message)
        }
        return .more
    }

    /// An error belongs to the statement that was running. After the last one it is the commit's, and with it all of
    /// them failed.
    override func receive(_ error: PostgresError, _ output: OutputBuffer) -> Progress {
        var error = error
        if grouping == .together,
            parts.prefix(current).contains(where: { $0.statement?.traits.endsTransaction == true })
        {
            error.outcome = .unknown
        }
        if current < parts.count {
            if parts[current].usedCache, error.mayBeOfTheSchema { error.isStale = true }
            parts[current].error = error
            if readOnlyGuard?.isAwaited == true, readOnlyGuard?.fail(error) == true {
                parts[current].hasStaleGuard = true
            }
        } else {
            for index in parts.indices where parts[index].error == nil { parts[index].error = error }
        }
        return .more
    }

    private func synchronized(_ output: OutputBuffer) -> Progress {
        if grouping == .separate {
            current += 1
            if !isStopped, sent < parts.count { encodeNext(output) }
            if current < sent {
                readOnlyGuard?.awaitAnswer()
                return .more
            }
            for index in sent..<parts.count {
                parts[index].error = PostgresError(
                    .cancelled, "not run: the batch ended before it was sent", outcome: .notApplied)
            }
        }
        return .over
    }

    private func stop() { isStopped = true }

    private func unexpected(_ message: InputBuffer.Message) -> Progress {
        .broken(
            PostgresError(
                .protocolViolation, "the server sent an unexpected message (\(UnicodeScalar(message.type)))"))
    }

    override func abandon(_ output: OutputBuffer) -> Abandonment {
        stop()
        return .cancel
    }

    override var serverError: PostgresError? { parts.lazy.compactMap(\.error).first }

    override var lastWords: PostgresError? { parts.lazy.compactMap(\.error).first { $0.closesConnection } }

    override var isOneStatement: Bool { parts.count == 1 }

    override var mayEndTransaction: Bool {
        guard let session else { return true }
        return parts.contains { !$0.isRefused && $0.statement.map { session.mayEndTransaction($0.traits) } ?? true }
    }

    // MARK: The end

    override func end() {
        guard let cache else { return }
        readOnlyGuard?.end()
        explainFailedPreparations()
        for part in parts {
            guard let statement = part.statement else { continue }
            if part.hasStaleGuard {
                if !statement.isConfirmed { cache.drop(statement) }
            } else if !statement.traits.isPlanned, ["DISCARD ALL", "DEALLOCATE ALL"].contains(part.commandTag) {
                cache.removeAll()
            } else if let error = part.error, part.usedCache, error.isStaleStatement || error.isStale {
                cache.forget(statement)
            } else if part.error?.sqlState == "42P05" {
                // Prepared by another client of the same pooler: one name means one statement.
                statement.isConfirmed = true
            } else if !statement.isConfirmed {
                cache.drop(statement)
            } else if statement.description !== part.description, let description = part.description {
                statement.description = description
                statement.formats = statement.traits.isPlanned ? description.preferredFormats : []
            }
        }
    }

    /// A statement that was to be prepared by an earlier one's failed attempt does not exist. In a failed transaction
    /// that is no news; outside of one it runs again, to fail with its own error.
    private func explainFailedPreparations() {
        guard session?.isInTransaction == true else { return }
        for index in parts.indices
        where parts[index].error?.sqlState == "26000" && parts[index].statement?.isConfirmed == false {
            parts[index].error = PostgresError(
                .transactionAborted, "not run: an earlier statement failed, and the transaction with it",
                sqlState: "25P02")
        }
    }

    /// What the statements may leave in the session.
    override var effect: SessionEffect {
        var effect = SessionEffect.none
        for part in parts {
            if let traits = part.statement?.traits { effect = max(effect, session?.effect(of: traits) ?? .discard) }
        }
        // Those that are to be sent later, as far as they differ.
        for part in parts[sent..<max(sent, min(parts.count, uniformStart + 1))] {
            effect = max(effect, session?.effect(of: StatementTraits(part.query.sql)) ?? .discard)
        }
        return effect
    }

    /// Whether a statement failed because its preparation had gone stale, and may run again.
    var hasStalePart: Bool { parts.contains { $0.isStale } }

    /// The first of the statements that stand by themselves and may run again. They run in their order: one that could not
    /// run is repeated only where none behind it has.
    var firstToRepeat: Int? {
        guard hasStalePart else { return nil }
        return (parts.lastIndex { !$0.isStale && !$0.isRefused } ?? -1) + 1
    }

    /// Throws where an interruption kept the statements from running: the server confirmed it, or there was no time left
    /// to prepare them again.
    func checkInterruption() throws {
        guard let interruption, let error = serverError else { return }
        if error.isCancellation { throw thrown(error) }
        if hasStalePart { throw interruption.error(nil) }
    }

    /// The result of a statement that stands by itself and is not run again.
    func standaloneResult(_ index: Int) throws(PostgresError) -> PostgresResult {
        guard let error = parts[index].error, parts[index].isStale else { return try result(index) }
        if let interruption {
            throw PostgresError(
                interruption == .cancelled ? .cancelled : .timeout,
                "not run: the batch ended before the statement could be prepared again", outcome: .notApplied)
        }
        var stale = PostgresError(
            error.code,
            "not run: the server had discarded the statement's preparation; run it again, or the transaction",
            sqlState: error.sqlState, routine: error.routine, underlying: error)
        stale.isStale = true
        throw stale
    }

    /// The result of a statement.
    func result(_ index: Int) throws(PostgresError) -> PostgresResult {
        let part = parts[index]
        if let error = part.error { throw error }
        guard let tag = part.commandTag else {
            if let error = serverError {
                throw PostgresError(
                    .transactionAborted, "not run: an earlier statement failed (\(error.code))", underlying: error)
            }
            throw PostgresError(.protocolViolation, "the server did not answer the statement", outcome: .unknown)
        }
        if part.statement?.traits.endsTransaction == true, tag == "ROLLBACK",
            part.statement?.traits.commits == [true]
        {
            throw PostgresError.rolledBackInstead
        }
        do {
            return try PostgresResult(part.rows, part.description, commandTag: tag)
        } catch {
            var error = error
            error.outcome = .applied
            throw error
        }
    }
}

extension StatementExchange.Part {
    /// Whether the statement did not run because the server's prepared statement is gone or another schema's, or because
    /// another client of the same pooler had prepared it already.
    var isStale: Bool {
        guard let error else { return false }
        return hasStaleGuard || error.isStale || isNamed && (error.isStaleStatement || error.sqlState == "42P05")
    }
}
