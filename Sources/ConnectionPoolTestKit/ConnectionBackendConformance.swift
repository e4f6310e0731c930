public import ConnectionPool

/// What a pool counts on in every backend, tried on a real one.
///
/// ```swift
/// for failure in await ConnectionBackendConformance(backend: backend).run() { Issue.record("\(failure)") }
/// ```
public struct ConnectionBackendConformance<Backend: ConnectionBackend>: Sendable {
    /// A case that did not hold.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// The case.
        public let name: String
        /// What was seen.
        public let reason: String

        /// Both on one line.
        public var description: String { "\(name): \(reason)" }
    }

    private let backend: Backend
    private let dirty: (@Sendable (Backend.Connection) async throws -> Void)?
    private let kill: (@Sendable (Backend.Connection) async throws -> Void)?

    /// The cases for a backend.
    /// - Parameters:
    ///   - backend: Must be able to connect.
    ///   - dirty: Leaves a connection as no borrower should: a transaction open, for one. Without it resetting is not tried.
    ///   - kill: Has the peer drop a connection. Without it the death of a connection is not tried.
    public init(
        backend: Backend, dirty: (@Sendable (Backend.Connection) async throws -> Void)? = nil,
        kill: (@Sendable (Backend.Connection) async throws -> Void)? = nil
    ) {
        self.backend = backend
        self.dirty = dirty
        self.kill = kill
    }

    /// Runs all cases, and returns those that do not hold.
    public func run() async -> [Failure] {
        var failures: [Failure] = []
        func attempt(_ name: String, _ body: () async throws -> String?) async {
            do {
                if let reason = try await body() { failures.append(Failure(name: name, reason: reason)) }
            } catch {
                failures.append(Failure(name: name, reason: "threw \(error)"))
            }
        }
        await attempt("a fresh connection is open, clean and valid") {
            let connection = try await backend.connect()
            var reason: String?
            if backend.isOpen(connection) == false { reason = "isOpen is false" }
            if backend.returnState(of: connection) != .clean { reason = "it does not come back clean" }
            try await backend.validate(connection)
            await backend.close(connection)
            return reason
        }
        await attempt("two connections are two") {
            let first = try await backend.connect()
            let second = try await backend.connect()
            let areTwo = first !== second
            await backend.close(first)
            try await backend.validate(second)
            await backend.close(second)
            return areTwo ? nil : "connect returned the same object twice"
        }
        await attempt("a valid connection stays valid through many checks") {
            let connection = try await backend.connect()
            for _ in 0..<20 { try await backend.validate(connection) }
            let state = backend.returnState(of: connection)
            await backend.close(connection)
            return state == .clean ? nil : "checks left it \(state)"
        }
        await attempt("a foreign error keeps the connection") {
            backend.disposition(of: ForeignError()) == .keep ? nil : "an error of the caller's own evicts"
        }
        await attempt("cancelling a connection attempt ends it") {
            let attempt = Task { try await backend.connect() }
            attempt.cancel()
            if case .success(let connection) = await attempt.result { await backend.close(connection) }
            return nil
        }
        if let dirty {
            await attempt("a dirty connection says so, and is clean after a reset") {
                let connection = try await backend.connect()
                try await dirty(connection)
                let before = backend.returnState(of: connection)
                if before == .needsReset { try await backend.reset(connection) }
                let after = backend.returnState(of: connection)
                await backend.close(connection)
                if before == .clean { return "it seems clean" }
                return before == .needsReset && after != .clean ? "after the reset it is \(after)" : nil
            }
        }
        if let kill {
            await attempt("a dead connection does not pass a check") {
                let connection = try await backend.connect()
                try await kill(connection)
                var isValid = true
                do { try await backend.validate(connection) } catch { isValid = false }
                await backend.close(connection)
                return isValid ? "validate returned" : nil
            }
        }
        await attempt("a pool lends, takes back and closes") {
            let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 1, maxOverflow: 0))
            for _ in 0..<10 { try await pool.withConnection { _ in } }
            let made = pool.statistics.created
            await pool.shutdown()
            let left = pool.statistics.total
            return made == 1 && left == 0 ? nil : "\(made) were made, \(left) are left"
        }
        return failures
    }
}

private struct ForeignError: Error {}
