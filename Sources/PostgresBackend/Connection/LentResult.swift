import DriverExecutors
import Synchronization

/// A request whose answer a closure reads while it comes.
protocol ReadableExchange: Exchange {
    /// What has come at one time: some rows, or some bytes.
    associatedtype Part: Sendable

    /// Whether the server has answered in full.
    var isOver: Bool { get }
    /// Whether the statement itself may write, so that it runs to its end whether its result is read or not.
    var mayWrite: Bool { get }

    /// Takes what has come; `nil` where nothing has.
    func takePart() throws(PostgresError) -> Part?

    /// Has what is still to come discarded.
    func discardRest()

    /// Throws the error that the request ended with, if it failed.
    func checkEnd() throws
}

/// The answer to a request as it is lent to a closure: for one reader, until the closure has returned.
///
/// Reading is refused to a second reader, to two tasks at the same time, and after the closure has returned. It costs one
/// lock for each part of the answer.
final class LentResult<Source: ReadableExchange>: Sendable {
    private struct Reader {
        /// How many parts have been asked for.
        var parts = 0
        var isReading = false
        /// Whether the error has been thrown to the reader.
        var hasThrown = false
        /// Waits for the read that is under way.
        var closer: Handoff<Void>?
    }

    private let session: PostgresSession
    private let source: Source
    private let reader = SystemLock(Reader())
    private let closed = Atomic<Bool>(false)

    init(_ source: Source, _ session: PostgresSession) {
        self.source = source
        self.session = session
    }

    /// Runs the closure that the answer is lent to.
    nonisolated(nonsending) func lend<Result>(
        _ body: nonisolated(nonsending) () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await body()
            let wasInterrupted = await close()
            if !source.isOver, source.mayWrite {
                source.discardRest()
                while !source.isOver { try await session.proceed(source) }
            }
            if !source.isOver {
                session.discard(source)
            } else if !wasInterrupted, !reader.withLock({ $0.hasThrown }) {
                try source.checkEnd()
            }
            return result
        } catch {
            _ = await close()
            if !source.isOver { session.discard(source) }
            throw error
        }
    }

    // MARK: Reading

    /// Refuses to go on once the closure has returned.
    func checkOpen() throws {
        if closed.load(ordering: .relaxed) { throw Self.hasEnded }
    }

    /// Waits for the next part; `nil` after the last.
    /// - Parameter count: How many parts the reader has asked for. Another number shows a second reader.
    nonisolated(nonsending) func next(after count: inout Int) async throws -> Source.Part? {
        try begin(count)
        count += 1
        defer { end() }
        while true {
            if let part = try source.takePart() { return part }
            if source.isOver {
                do {
                    try source.checkEnd()
                } catch {
                    reader.withLock { $0.hasThrown = true }
                    throw error
                }
                return nil
            }
            try await session.proceed(source)
        }
    }

    private func begin(_ count: Int) throws {
        let isMine = reader.withLock { reader in
            guard !reader.isReading, reader.parts == count, !closed.load(ordering: .relaxed) else { return false }
            reader.isReading = true
            reader.parts += 1
            return true
        }
        guard !isMine else { return }
        try checkOpen()
        throw PostgresError(
            .notSupported,
            "the result has another reader already: read it once, by one iterator in one task",
            outcome: .notApplied)
    }

    private func end() {
        let closer = reader.withLock { reader in
            reader.isReading = false
            defer { reader.closer = nil }
            return reader.closer
        }
        closer?.resume(())
    }

    /// Refuses further reads, and waits for the end of one that another task has not ended. Returns whether the statement
    /// was canceled for it.
    nonisolated(nonsending) private func close() async -> Bool {
        let isReading = reader.withLock { reader in
            closed.store(true, ordering: .relaxed)
            return reader.isReading
        }
        guard isReading else { return false }
        if !source.mayWrite { interrupt() }
        await withTaskCancellationHandler {
            await Handoff<Void>.wait { closer in
                let hasEnded = reader.withLock { reader in
                    if reader.isReading { reader.closer = closer }
                    return !reader.isReading
                }
                if hasEnded { closer.resume(()) }
            }
        } onCancel: {
            interrupt()
        }
        return !source.mayWrite
    }

    private func interrupt() {
        let (session, source) = (session, source)
        session.loop.execute { session.interrupt(source, .cancelled) }
    }

    private static var hasEnded: PostgresError {
        PostgresError(
            .notSupported,
            "the result was used after the closure that it was lent to had returned: read it within the closure",
            outcome: .notApplied)
    }
}
