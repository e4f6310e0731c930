/// Whose error ended a loan: the pool's, the caller's cancellation, or the closure's own.
public enum LendingError<Failure: Error>: Error {
    /// No connection could be had.
    case pool(PoolError)
    /// The task was cancelled while it waited for one.
    case cancelled
    /// The closure threw.
    case body(Failure)
}

extension LendingError: Equatable where Failure: Equatable {
    /// Equal closures' errors, or pool errors of one code.
    public static func == (a: LendingError, b: LendingError) -> Bool {
        switch (a, b) {
        case (.pool(let a), .pool(let b)): a.code == b.code
        case (.cancelled, .cancelled): true
        case (.body(let a), .body(let b)): a == b
        default: false
        }
    }
}

extension Pool {
    /// ``withConnection(timeout:priority:file:line:_:)`` with an error type that says whose error it is.
    ///
    /// ```swift
    /// do {
    ///     return try await pool.lend { connection throws(ParsingError) in try parse(connection.greeting) }
    /// } catch .pool(let error) where error.code == .timeout {
    ///     return .busy  // the pool's: nothing has run
    /// }
    /// ```
    /// - Throws: ``LendingError``.
    nonisolated(nonsending) public func lend<Result, Failure: Error>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: nonisolated(nonsending) (Backend.Connection) async throws(Failure) -> Result
    ) async throws(LendingError<Failure>) -> Result {
        let lease: Lease<Backend>
        do {
            lease = try await acquire(timeout: timeout, priority: priority, file: file, line: line)
        } catch let error as PoolError {
            throw .pool(error)
        } catch {
            // Acquiring throws nothing else.
            throw .cancelled
        }
        let connection = lease.connection
        let outcome = await marked(lease.mark) {
            do throws(Failure) {
                return Swift.Result<Result, Failure>.success(try await body(connection))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let result): return result
        case .failure(let error):
            settle(lease, after: error)
            throw .body(error)
        }
    }

    /// Ends a lease whose borrower failed, as the backend judges the error.
    @inline(never) @usableFromInline
    package func settle(_ lease: consuming Lease<Backend>, after error: any Error) {
        switch backend.disposition(of: error) {
        case .keep: lease.release()
        case .evict: lease.discard()
        case .evictAll:
            let generation = lease.generation
            lease.discard()
            evictAll(of: generation)
        }
    }
}
