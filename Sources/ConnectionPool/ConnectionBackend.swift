/// What a pool needs to know of the connections it lends: how to make, check, clean and close one.
///
/// A backend never sees leases, waiters or timers. Every asynchronous call runs on a task of the pool's own,
/// never on the task of a waiting caller, so a cancelled caller cannot abort a half-made connection. When a call has
/// not returned within ``PoolConfiguration/connectTimeout`` or ``PoolConfiguration/checkTimeout``, its task is cancelled
/// and the pool goes on without it. The other calls must not block.
public protocol ConnectionBackend: Sendable {
    /// The connection that is lent. A reference: the pool compares it by identity.
    associatedtype Connection: AnyObject & Sendable

    /// Opens one connection, ready for use. The pool retries with backoff when this throws.
    func connect() async throws -> Connection

    /// Proves with a round trip that the connection works; throws when it does not.
    func validate(_ connection: Connection) async throws

    /// Whether an idle connection still looks open, told without a round trip (about a microsecond at most); `nil` where
    /// that cannot be known. The pool then asks ``validate(_:)`` before it lends one that rested
    /// (``PoolValidation/whenIdle(longerThan:)``).
    func isOpen(_ connection: Connection) -> Bool?

    /// The state in which a borrower gave the connection back, told without a round trip.
    func returnState(of connection: Connection) -> ConnectionReturnState

    /// Makes a connection clean that was returned with ``ConnectionReturnState/needsReset``; throws when it cannot.
    func reset(_ connection: Connection) async throws

    /// Closes the connection and frees what it holds. Called exactly once a connection, perhaps while a call of
    /// ``validate(_:)`` or ``reset(_:)`` that exceeded its limit has not returned.
    func close(_ connection: Connection) async

    /// What an error that a borrower's closure threw means for the connection and for the pool.
    func disposition(of error: any Error) -> ConnectionDisposition

    /// Whether an error of ``connect()`` recurs until an operator changes the configuration or the server, such as a wrong
    /// password. Callers that wait then fail at once with this error as the cause, unless the pool still holds a
    /// connection that may be lent to them. The pool goes on trying with backoff.
    func isPermanent(_ error: any Error) -> Bool
}

/// The state of a connection at its return.
public enum ConnectionReturnState: Sendable, Hashable {
    /// Can be lent again as it is.
    case clean
    /// Usable after ``ConnectionBackend/reset(_:)``: a transaction is open, a channel is listened to.
    case needsReset
    /// Cannot be used again: close it.
    case broken
}

/// What becomes of a connection after an error.
public enum ConnectionDisposition: Sendable, Hashable {
    /// The error says nothing about the connection.
    case keep
    /// This connection is of no more use.
    case evict
    /// No connection of this generation is: the server failed over or went read-only.
    case evictAll
}

extension ConnectionBackend {
    /// `nil`: it cannot be known, and ``validate(_:)`` decides.
    public func isOpen(_ connection: Connection) -> Bool? { nil }

    /// ``ConnectionReturnState/clean``.
    public func returnState(of connection: Connection) -> ConnectionReturnState { .clean }

    /// Nothing to do.
    public func reset(_ connection: Connection) async throws {}

    /// ``ConnectionDisposition/keep``.
    public func disposition(of error: any Error) -> ConnectionDisposition { .keep }

    /// `false`: a failed attempt may succeed the next time.
    public func isPermanent(_ error: any Error) -> Bool { false }
}
