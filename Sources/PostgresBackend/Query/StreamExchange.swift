import CVitalsLibPQ
import SQLDatabase

/// A statement whose rows are taken as they come. The loop reads only while the holder keeps up.
final class StreamExchange: Exchange, @unchecked Sendable {  // As its superclass.
    /// How many results wait before the loop stops reading.
    private static let most = 256

    private let query: SQLQuery
    private let session: Session
    /// Rows in libpq's form, oldest first, each to be cleared; `error` ends them.
    private var results: [OpaquePointer] = []
    private(set) var isOver = false
    /// Rows that the holder has had. The holder's own.
    private(set) var rowsTaken = 0
    private var shape: ResultShape?

    init(_ query: SQLQuery, session: Session) {
        self.query = query
        self.session = session
    }

    deinit { results.forEach { PQclear($0) } }

    override func send(_ wire: OpaquePointer) throws(PostgresError) {
        // Unprepared and in text: what has a result worth streaming does not recur by the thousand, and a second
        // round trip to learn whether its columns' binary forms are known would cost more than it gains.
        let sent = session.parameters.with(query.parameters) { count, values, lengths, formats in
            PQsendQueryParams(wire, query.sql, count, nil, values, lengths, formats, 0)
        }
        guard sent == 1 else { throw .lost(wire) }
        if vitals_set_chunked_rows(wire, 64) != 1 { _ = PQsetSingleRowMode(wire) }
    }

    override func receive(_ result: OpaquePointer?, _ wire: OpaquePointer) -> Progress {
        guard let result else {
            // Abandoned between two pauses, it has not come to its end: the holder is told why when it goes on.
            if !isAbandoned { isOver = true }
            return .over
        }
        switch PQresultStatus(result) {
        case PGRES_COPY_IN:
            PQclear(result)
            _ = PQputCopyEnd(wire, "use copyIn for COPY … FROM STDIN")
            return .more
        case PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            return .broken(PostgresError(.protocolViolation, "use copyOut for COPY … TO STDOUT"))
        default: break
        }
        if isAbandoned {
            PQclear(result)
            return .more
        }
        results.append(result)
        return results.count >= Self.most ? .pause : .more
    }

    /// libpq gives no more for now: the holder may have what there is.
    override func pump(_ wire: OpaquePointer) -> Progress {
        let progress = super.pump(wire)
        if case .wait = progress, !results.isEmpty, !isAbandoned { return .pause }
        return progress
    }

    /// Reads the rows that have come and lets go of them.
    func takeRows() throws(PostgresError) -> [SQLRow] {
        let taken = results
        results = []
        defer { taken.forEach { PQclear($0) } }
        var rows: [SQLRow] = []
        for result in taken {
            let status = PQresultStatus(result)
            if status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK || vitals_is_chunk(status) == 1 {
                let shape = shape ?? ResultShape(result)
                self.shape = shape
                rows.append(contentsOf: try shape.rows(of: result))
            } else if status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY {
                throw PostgresError(result: result)
            }
        }
        rowsTaken += rows.count
        return rows
    }
}
