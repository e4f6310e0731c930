import CVitalsLibPQ
import SQLDatabase

extension SQLQuery {
    /// Whether the statement begins with COPY, which no pipeline may carry.
    fileprivate var isCopy: Bool {
        var bytes = sql.utf8.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") }[
            ...]
        for letter in "copy".utf8 {
            guard let byte = bytes.popFirst(), byte | 0x20 == letter else { return false }
        }
        return bytes.first.map { $0 <= UInt8(ascii: " ") || $0 == UInt8(ascii: "(") } ?? true
    }
}

/// What a connection's statements share. Of the holder of the channel's turn, then of the loop.
final class Session {
    var cache: StatementCache
    let parameters = ParameterBuffer()

    init(capacity: Int) { cache = StatementCache(capacity: capacity) }
}

/// One statement with its parameters, or several in one round trip.
///
/// A statement seen for the first time is prepared and run in the same round trip, with a result in text; from then on
/// it is bound and run by its name, with a binary result when every column's binary form is known here. One statement
/// that is prepared already needs no pipeline.
final class QueryExchange: Exchange, @unchecked Sendable {  // As its superclass.
    /// What the server answers, in this order.
    private enum Step {
        case deallocate
        case prepare(Statement)
        case execute(Int)
        case sync
    }

    /// One statement's part.
    struct Part {
        let query: SQLQuery
        var statement: Statement?
        /// Whether it runs by the name of an earlier preparation.
        var usedCache = false
        /// To be cleared by whoever takes it.
        var result: OpaquePointer?
        /// The columns of the result, when they are known already.
        var shape: ResultShape?
    }

    private(set) var parts: [Part]
    private let session: Session
    private let keeps: Bool
    private let syncsEach: Bool
    private var steps: [Step] = []
    private var position = 0

    /// - Parameters:
    ///   - keeps: Whether the statements are worth keeping prepared.
    ///   - syncsEach: Whether each statement stands by itself: an earlier one's failure leaves it alone.
    init(_ queries: [SQLQuery], session: Session, keeps: Bool, syncsEach: Bool = false) {
        parts = queries.map { Part(query: $0) }
        self.session = session
        self.keeps = keeps
        self.syncsEach = syncsEach
    }

    deinit { for part in parts { if let result = part.result { PQclear(result) } } }

    // MARK: Sending

    override func send(_ wire: OpaquePointer) throws(PostgresError) {
        for index in parts.indices {
            if parts[index].query.parameters.count > 65_535 {
                throw PostgresError(
                    .dataError, "a statement takes at most 65,535 parameters: bind arrays and use unnest")
            }
            if parts[index].query.isCopy {
                throw PostgresError(
                    .notSupported, "COPY does not run as a query: use copyIn, copyOut, or executeScript for files")
            }
        }
        guard sendAll(wire) else {
            let error = PostgresError.lost(wire)
            if PQpipelineStatus(wire) != PQ_PIPELINE_OFF { _ = PQexitPipelineMode(wire) }
            throw error
        }
    }

    private func sendAll(_ wire: OpaquePointer) -> Bool {
        if parts.count == 1, !keeps || session.cache.capacity == 0 { return sendUnprepared(0, wire) }
        if parts.count == 1, let statement = session.cache.find(parts[0].query.sql) {
            use(statement, for: 0)
            return execute(0, statement, wire)
        }
        guard PQenterPipelineMode(wire) == 1 else { return false }
        for old in session.cache.takeRetired() {
            guard let name = old.name, deallocate(String(cString: name), wire), sync(wire) else { return false }
        }
        for index in parts.indices {
            guard sendPart(index, wire), !syncsEach || sync(wire) else { return false }
        }
        return syncsEach && !parts.isEmpty || sync(wire)
    }

    private func sendPart(_ index: Int, _ wire: OpaquePointer) -> Bool {
        if !keeps || session.cache.capacity == 0 {
            steps.append(.execute(index))
            return sendUnprepared(index, wire)
        }
        let sql = parts[index].query.sql
        if let statement = session.cache.find(sql) {
            use(statement, for: index)
            steps.append(.execute(index))
            return execute(index, statement, wire)
        }
        let statement = session.cache.make(sql)
        // Kept at once, so that the same text later in the batch finds it; forgotten again should preparing fail.
        session.cache.insert(statement)
        parts[index].statement = statement
        steps.append(.prepare(statement))
        steps.append(.execute(index))
        return PQsendPrepare(wire, statement.name, sql, 0, nil) == 1 && execute(index, statement, wire)
    }

    private func use(_ statement: Statement, for index: Int) {
        parts[index].statement = statement
        parts[index].usedCache = true
        parts[index].shape = statement.shape
    }

    private func deallocate(_ name: String, _ wire: OpaquePointer) -> Bool {
        steps.append(.deallocate)
        return PQsendQueryParams(wire, "DEALLOCATE " + name, 0, nil, nil, nil, nil, 0) == 1
    }

    private func sync(_ wire: OpaquePointer) -> Bool {
        steps.append(.sync)
        return PQpipelineSync(wire) == 1
    }

    private func sendUnprepared(_ index: Int, _ wire: OpaquePointer) -> Bool {
        session.parameters.with(parts[index].query.parameters) { count, values, lengths, formats in
            PQsendQueryParams(wire, parts[index].query.sql, count, nil, values, lengths, formats, 0) == 1
        }
    }

    private func execute(_ index: Int, _ statement: Statement, _ wire: OpaquePointer) -> Bool {
        session.parameters.with(parts[index].query.parameters) { count, values, lengths, formats in
            let format: Int32 = statement.shape?.isBinary == true ? 1 : 0
            return PQsendQueryPrepared(wire, statement.name, count, values, lengths, formats, format) == 1
        }
    }

    // MARK: Receiving

    override func receive(_ result: OpaquePointer?, _ wire: OpaquePointer) -> Progress {
        guard let result else {
            if steps.isEmpty { return .over }
            position += 1
            return .more
        }
        switch PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            // No end of results follows a synchronisation point.
            position += 1
            return position >= steps.count ? .over : .more
        case PGRES_COPY_IN where steps.isEmpty:
            PQclear(result)
            _ = PQputCopyEnd(wire, "use copyIn for COPY … FROM STDIN")
            return .more
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            return .broken(PostgresError(.protocolViolation, "use copyIn or copyOut for COPY"))
        default: break
        }
        guard !steps.isEmpty else {
            keep(result, for: 0)
            return .more
        }
        guard position < steps.count else {
            PQclear(result)
            return .broken(PostgresError(.protocolViolation, "the server sent more results than statements were sent"))
        }
        switch steps[position] {
        case .execute(let index):
            keep(result, for: index)
        case .prepare(let statement):
            if PQresultStatus(result) != PGRES_COMMAND_OK {
                session.cache.drop(statement)
                if case .execute(let index) = steps[position + 1] { keep(result, for: index) } else { PQclear(result) }
            } else {
                PQclear(result)
            }
        case .deallocate, .sync: PQclear(result)
        }
        return .more
    }

    private func keep(_ result: OpaquePointer, for index: Int) {
        // A statement that could not be prepared keeps that error, not the "pipeline aborted" of its execution.
        if isAbandoned || parts[index].result != nil && PQresultStatus(result) == PGRES_PIPELINE_ABORTED {
            PQclear(result)
            return
        }
        if let old = parts[index].result { PQclear(old) }
        parts[index].result = result
    }

    override var serverError: PostgresError? {
        for part in parts {
            if let result = part.result, PQresultStatus(result) == PGRES_FATAL_ERROR {
                return PostgresError(result: result)
            }
        }
        return nil
    }

    override func end(_ wire: OpaquePointer) {
        if !steps.isEmpty { _ = PQexitPipelineMode(wire) }
        guard !isAbandoned else { return }
        for index in parts.indices {
            guard let statement = parts[index].statement, let result = parts[index].result else { continue }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK where parts[index].shape == nil:
                let shape = ResultShape(result)
                parts[index].shape = shape
                let isBinary = !shape.types.isEmpty && shape.types.allSatisfy(\.readsBinary)
                statement.shape = ResultShape(shape, isBinary: isBinary)
            case PGRES_FATAL_ERROR where parts[index].usedCache && Self.isStale(result):
                session.cache.forget(statement)
            default: break
            }
        }
    }

    /// Whether the server no longer knows the statement as it was prepared: the schema changed, or somebody discarded
    /// the session's statements.
    static func isStale(_ result: OpaquePointer) -> Bool {
        guard let text = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else { return false }
        switch String(cString: text) {
        case "26000": return true
        case "0A000":
            let message = PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) } ?? ""
            return message.contains("cached plan")
        default: return false
        }
    }

    /// Whether a statement failed because its preparation had gone stale, and may run again.
    var hasStalePart: Bool {
        parts.contains { part in
            guard part.usedCache, let result = part.result, PQresultStatus(result) == PGRES_FATAL_ERROR else {
                return false
            }
            return Self.isStale(result)
        }
    }

    /// Reads a statement's result and lets go of it.
    func takeResult(_ index: Int) throws(PostgresError) -> PostgresResult {
        guard let result = parts[index].result else {
            throw PostgresError(.protocolViolation, "the server sent no result")
        }
        parts[index].result = nil
        return try PostgresResult(consuming: result, shape: parts[index].shape)
    }
}
