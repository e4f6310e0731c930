import DriverExecutors
import SQLDatabase
import TestServers

@testable import PostgresBackend

/// A way to run a statement through the driver.
enum OracleWay: String, CaseIterable, Sendable {
    /// Runs it five times, one after the other.
    case run
    case unprepared
    case pipeline
    /// Runs it twice in one batch.
    case batch
    case rows
    /// Runs it inside a transaction.
    case transaction
}

/// What the driver returned for a statement.
enum OracleAnswer: Sendable {
    case result(columns: [String]?, rows: [[SQLValue]], count: Int?)
    /// The SQLSTATE, empty where the driver refused the statement or the answer itself; whether the connection is lost
    /// with it; and the words.
    case failure(state: String, closes: Bool = false, words: String)

    init(_ result: PostgresResult) {
        self = .result(columns: result.rows.first?.columns, rows: result.rows.map(\.values), count: result.count)
    }

    init(_ error: any Error) {
        let words = "\(error)"
        let error = error as? PostgresError
        self = .failure(
            state: error?.sqlState?.rawValue ?? "", closes: error?.closesConnection ?? false, words: words)
    }
}

/// Runs cases on a connection of its own, one after the other.
///
/// A connection that an answer left broken, or in a transaction, is replaced.
struct OracleRunner {
    let backend: PostgresConnectionBackend
    private var connection: PostgresConnection

    init(dsn: String, configure: (inout PostgresConfiguration) -> Void = { _ in }) async throws {
        var configuration = try PostgresConfiguration(dsn)
        configuration.statementTimeout = .seconds(10)
        configure(&configuration)
        // The database's own zone, which psycopg follows: the driver's default is UTC, whose offsets are no test of
        // reading them.
        if configuration.pooling == .direct { configuration.settings["TimeZone"] = "America/St_Johns" }
        backend = PostgresConnectionBackend(configuration: configuration, loops: loops, notices: { _ in })
        connection = try await backend.connect()
    }

    func close() async { await backend.close(connection) }

    /// Runs a case and returns what the driver answered, each answer with the name of its use and the expectation.
    mutating func answers(to test: OracleCase, _ way: OracleWay) async throws -> [Compared] {
        // Cases with `writes` run in a transaction every way.
        if way == .transaction, test.outside || test.writes { return [] }
        var compared: [Compared] = []
        let rounds = way == .run && test.writes ? 3 : 1
        for _ in 0..<rounds {
            if test.writes || way == .transaction {
                compared += await inTransaction(test, way)
            } else {
                compared += await Self.uses(
                    of: test, way, on: connection, count: way == .run ? 5 : way == .unprepared ? 1 : 2)
            }
            if let fault = fault(after: compared) {
                compared.append(
                    Compared(
                        use: way.rawValue, expected: nil, answer: .failure(state: "", closes: true, words: fault)))
                await backend.close(connection)
                connection = try await backend.connect()
            }
        }
        return compared
    }

    /// What is wrong with the connection after some answers.
    private func fault(after compared: [Compared]) -> String? {
        for case .failure(_, true, let words) in compared.map(\.answer) { return "closed: \(words)" }
        switch backend.returnState(of: connection) {
        case .broken: return "broken"
        default: return connection.transactionStatus == .idle ? nil : "left \(connection.transactionStatus)"
        }
    }

    /// An answer beside what is expected; `nil` where nothing can be right.
    struct Compared: Sendable {
        let use: String
        let expected: OracleCase.Outcome?
        /// What is expected under the rules of the case's `decided`.
        var decided: OracleCase.Outcome?
        let answer: OracleAnswer
    }

    private struct Undo: Error {}

    private func inTransaction(_ test: OracleCase, _ way: OracleWay) async -> [Compared] {
        var compared: [Compared] = []
        do {
            try await connection.withTransaction { connection in
                if !test.setup.isEmpty { try await connection.executeScript(test.setup.joined(separator: "; ")) }
                // A statement that failed makes the second use fail as well, which a case without `writes` does not say.
                let count = test.writes ? 2 : 1
                compared = await Self.uses(of: test, way, on: connection, count: count)
                throw Undo()
            }
        } catch is Undo {
        } catch {
            compared.append(Compared(use: "transaction", expected: nil, answer: OracleAnswer(error)))
        }
        return compared
    }

    private static func uses(
        of test: OracleCase, _ way: OracleWay, on connection: PostgresConnection, count: Int
    ) async -> [Compared] {
        let query = test.query
        if way == .batch {
            let answers = await batch([query, query], on: connection)
            return answers.enumerated().map { compared(test, "batch", use: $0 + 1, $1) }
        }
        var answers: [Compared] = []
        for use in 1...count {
            let answer: OracleAnswer
            do {
                switch way {
                case .run, .transaction, .batch: answer = OracleAnswer(try await connection.run(query))
                case .unprepared: answer = OracleAnswer(try await connection.run(query, prepared: false))
                case .pipeline:
                    let results = try await connection.pipeline([query])
                    answer = results.count == 1 ? OracleAnswer(results[0]) : .failure(state: "", words: "no result")
                case .rows: answer = try await rows(of: query, on: connection)
                }
            } catch {
                answer = OracleAnswer(error)
            }
            answers.append(compared(test, way.rawValue, use: use, answer))
        }
        return answers
    }

    private static func compared(_ test: OracleCase, _ way: String, use: Int, _ answer: OracleAnswer) -> Compared {
        Compared(
            use: "\(way) \(use)", expected: use == 1 ? test.first : test.again,
            decided: use == 1 ? test.decided?.first : test.decided?.again, answer: answer)
    }

    private static func rows(of query: SQLQuery, on connection: PostgresConnection) async throws -> OracleAnswer {
        try await connection.withRows(of: query) { rows in
            var columns: [String]?
            var values: [[SQLValue]] = []
            for try await row in rows {
                columns = row.columns
                values.append(row.values)
            }
            return .result(columns: columns, rows: values, count: nil)
        }
    }

    private static func batch(_ queries: [SQLQuery], on connection: PostgresConnection) async -> [OracleAnswer] {
        do {
            return try await connection.batch(queries).map { result in
                switch result {
                case .success(let result): OracleAnswer(result)
                case .failure(let error): OracleAnswer(error)
                }
            }
        } catch {
            return queries.map { _ in OracleAnswer(error) }
        }
    }
}
