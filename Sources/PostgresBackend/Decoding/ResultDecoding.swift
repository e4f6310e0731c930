import CVitalsLibPQ
public import SQLDatabase

extension ResultShape {
    /// Reads every row of a result.
    func rows(of result: OpaquePointer) throws(PostgresError) -> [SQLRow] {
        let count = PQntuples(result)
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(count))
        for row in 0..<count { rows.append(try self.row(row, of: result)) }
        return rows
    }

    /// Reads one row of a result.
    func row(_ row: Int32, of result: OpaquePointer) throws(PostgresError) -> SQLRow {
        var values: [SQLValue] = []
        values.reserveCapacity(types.count)
        for (index, type) in types.enumerated() {
            let column = Int32(truncatingIfNeeded: index)
            if PQgetisnull(result, row, column) == 1 {
                values.append(.null)
                continue
            }
            guard let start = PQgetvalue(result, row, column),
                let value = Self.value(type, start, Int(PQgetlength(result, row, column)), isBinary: isBinary)
            else {
                throw PostgresError(
                    .decoding, "column \(names[index]) holds no \(type) as this client knows it", column: names[index])
            }
            values.append(value)
        }
        return SQLRow(columns, values: values)
    }

    private static func value(
        _ type: ColumnType, _ start: UnsafeMutablePointer<CChar>, _ length: Int, isBinary: Bool
    ) -> SQLValue? {
        let bytes = UnsafeRawBufferPointer(start: start, count: length)
        return isBinary
            ? BinaryDecoding.value(type, bytes) : TextDecoding.value(type, String(decoding: bytes, as: UTF8.self))
    }
}

/// What one statement came to.
public struct PostgresResult: Sendable, Hashable {
    /// The rows, when it returns any.
    public let rows: [SQLRow]
    /// How many rows it inserted, updated, deleted, selected or copied.
    public let count: Int
    /// The server's words for it: `INSERT 0 3`.
    public let commandTag: String

    /// Reads a result and clears it.
    init(consuming result: OpaquePointer, shape: ResultShape?) throws(PostgresError) {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE:
            rows = try (shape ?? ResultShape(result)).rows(of: result)
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            rows = []
        case PGRES_PIPELINE_ABORTED:
            throw PostgresError(.transactionAborted, "not run: an earlier statement of the batch failed")
        default:
            throw PostgresError(result: result)
        }
        commandTag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
        count = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }
}
