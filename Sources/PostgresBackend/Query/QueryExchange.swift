import CVitalsLibPQ
import SQLDatabase

/// What a connection's statements share. Of the holder of the channel's turn, then of the loop.
final class Session {
    var cache: StatementCache
    let parameters = ParameterBuffer()

    init(capacity: Int) { cache = StatementCache(capacity: capacity) }
}

/// One statement with its parameters.
///
/// The first time it is prepared and run in one round trip, in a pipeline, with a result in text; from then on it is
/// bound and run by its name, with a binary result when every column's binary form is known here.
final class QueryExchange: Exchange, @unchecked Sendable {  // As its superclass.
    private let query: SQLQuery
    private let session: Session
    private let keeps: Bool
    private var statement: Statement?
    private var isPreparing = false
    private var syncs = 0
    /// Results of deallocations come first and interest nobody.
    private var skipped = 0
    private var hasPrepared = false

    /// The statement's own result, to be cleared by whoever takes it.
    private(set) var result: OpaquePointer?
    /// The columns of ``result``, when they are known already.
    private(set) var shape: ResultShape?
    /// Whether it ran by the name of an earlier preparation.
    private(set) var usedCache = false

    /// - Parameter keeps: Whether the statement is worth keeping prepared.
    init(_ query: SQLQuery, session: Session, keeps: Bool) {
        self.query = query
        self.session = session
        self.keeps = keeps
    }

    deinit { if let result { PQclear(result) } }

    override func send(_ wire: OpaquePointer) throws(PostgresError) {
        guard query.parameters.count <= 65_535 else {
            throw PostgresError(.dataError, "a statement takes at most 65,535 parameters: bind arrays and use unnest")
        }
        let sent: Bool
        if !keeps || session.cache.capacity == 0 {
            sent = sendUnprepared(wire)
        } else if let statement = session.cache.find(query.sql) {
            self.statement = statement
            usedCache = true
            shape = statement.shape
            sent = execute(statement, wire)
        } else {
            sent = sendPreparing(wire)
        }
        guard sent else {
            let error = PostgresError.lost(wire)
            if PQpipelineStatus(wire) != PQ_PIPELINE_OFF { _ = PQexitPipelineMode(wire) }
            throw error
        }
    }

    private func sendUnprepared(_ wire: OpaquePointer) -> Bool {
        session.parameters.with(query.parameters) { count, values, lengths, formats in
            PQsendQueryParams(wire, query.sql, count, nil, values, lengths, formats, 0) == 1
        }
    }

    private func sendPreparing(_ wire: OpaquePointer) -> Bool {
        guard PQenterPipelineMode(wire) == 1 else { return false }
        isPreparing = true
        let retired = session.cache.takeRetired()
        for old in retired {
            guard let name = old.name,
                PQsendQueryParams(wire, "DEALLOCATE " + String(cString: name), 0, nil, nil, nil, nil, 0) == 1,
                PQpipelineSync(wire) == 1
            else { return false }
        }
        syncs = retired.count + 1
        skipped = retired.count
        let statement = session.cache.make(query.sql)
        self.statement = statement
        return PQsendPrepare(wire, statement.name, query.sql, 0, nil) == 1 && execute(statement, wire)
            && PQpipelineSync(wire) == 1
    }

    private func execute(_ statement: Statement, _ wire: OpaquePointer) -> Bool {
        session.parameters.with(query.parameters) { count, values, lengths, formats in
            PQsendQueryPrepared(
                wire, statement.name, count, values, lengths, formats, statement.shape?.isBinary == true ? 1 : 0) == 1
        }
    }

    override func receive(_ result: OpaquePointer?, _ wire: OpaquePointer) -> Progress {
        guard let result else { return isPreparing ? .more : .over }
        switch PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            syncs -= 1
            skipped -= skipped > 0 ? 1 : 0
            return syncs == 0 ? .over : .more
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
        case PGRES_COPY_IN:
            PQclear(result)
            if isPreparing { return .broken(PostgresError(.protocolViolation, "use copyIn for COPY … FROM STDIN")) }
            _ = PQputCopyEnd(wire, "use copyIn for COPY … FROM STDIN")
        case PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            return .broken(PostgresError(.protocolViolation, "use copyOut for COPY … TO STDOUT"))
        default:
            if skipped > 0 {
                PQclear(result)
            } else if isPreparing, !hasPrepared, PQresultStatus(result) == PGRES_COMMAND_OK {
                hasPrepared = true
                PQclear(result)
            } else if isAbandoned {
                PQclear(result)
            } else {
                if let old = self.result { PQclear(old) }
                self.result = result
            }
        }
        return .more
    }

    override var serverError: PostgresError? {
        result.flatMap { PQresultStatus($0) == PGRES_FATAL_ERROR ? PostgresError(result: $0) : nil }
    }

    override func end(_ wire: OpaquePointer) {
        if isPreparing { _ = PQexitPipelineMode(wire) }
        guard let statement else { return }
        if isPreparing, hasPrepared { session.cache.insert(statement) }
        guard let result, !isAbandoned else { return }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK:
            if statement.shape == nil {
                let shape = ResultShape(result)
                self.shape = shape
                let isBinary = !shape.types.isEmpty && shape.types.allSatisfy(\.readsBinary)
                statement.shape = ResultShape(shape, isBinary: isBinary)
            }
        case PGRES_FATAL_ERROR:
            if usedCache, Self.isStale(result) { session.cache.forget(statement) }
        default: break
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

    /// Hands over the result.
    func takeResult() -> OpaquePointer? {
        defer { result = nil }
        return result
    }
}
