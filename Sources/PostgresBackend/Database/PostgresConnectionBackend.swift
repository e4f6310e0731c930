public import ConnectionPool
import DriverExecutors
import SQLDatabase

/// What a pool needs to know of PostgreSQL connections.
public struct PostgresConnectionBackend: ConnectionBackend {
    private let configuration: PostgresConfiguration
    private let loops: LoopGroup
    private let connector: Connector
    private let instrumentation: SQLInstrumentation?

    init(
        configuration: PostgresConfiguration, loops: LoopGroup, notices: (@Sendable (PostgresNotice) -> Void)? = nil,
        instrumentation: SQLInstrumentation? = nil
    ) {
        self.configuration = configuration
        self.loops = loops
        self.instrumentation = instrumentation
        connector = Connector(configuration: configuration, notices: noticeHandler(notices, instrumentation?.logger))
    }

    /// Opens a connection on the next loop.
    public func connect() async throws -> PostgresConnection {
        let channel = try await connector.connect(on: loops.next())
        return PostgresConnection(channel: channel, configuration: configuration, instrumentation: instrumentation)
    }

    /// Sends an empty statement and waits for the answer, at most as long as a connection may take to be made.
    public func validate(_ connection: PostgresConnection) async throws {
        try await connection.script("", timeout: configuration.connectTimeout)
    }

    /// Whether the socket is open and silent.
    public func isOpen(_ connection: PostgresConnection) -> Bool {
        let standing = connection.channel.standing
        return !standing.isBroken && connection.channel.isSilent
    }

    /// Clean, unless a transaction is open, a statement is still being cancelled, or settings and subscriptions were
    /// changed; broken when the connection was lost.
    public func returnState(of connection: PostgresConnection) -> ConnectionReturnState {
        let standing = connection.channel.standing
        if standing.isBroken { return .broken }
        if !standing.isFree || connection.transactionStatus != .idle || connection.channel.isTinted {
            return .needsReset
        }
        return .clean
    }

    /// Waits until a cancelled statement is over on the server, rolls back, and undoes session settings,
    /// subscriptions and advisory locks.
    public func reset(_ connection: PostgresConnection) async throws {
        try await connection.reset(timeout: configuration.connectTimeout)
    }

    /// Says good-bye and closes the socket.
    public func close(_ connection: PostgresConnection) async {
        await connection.channel.close()
    }

    /// A lost connection is evicted; a server that has become read-only, or is being shut down, takes all of its
    /// connections with it.
    public func disposition(of error: any Error) -> ConnectionDisposition {
        guard let error = error as? PostgresError else { return .keep }
        if error.code == .readOnly || error.code == .serverNotReady { return .evictAll }
        return error.closesConnection ? .evict : .keep
    }
}

extension PostgresConnectionBackend {
    /// Whether no attempt to connect can succeed as things are: an unknown database, a wrong password, a refused setting,
    /// TLS that fails, a server that is too old.
    public func isPermanent(_ error: any Error) -> Bool { (error as? PostgresError)?.preventsConnecting ?? false }
}

extension PostgresConnection {
    func reset(timeout: Duration) async throws {
        // An empty statement waits its turn, which a statement under cancellation holds until the server is done.
        try await script("", timeout: timeout)
        if transactionStatus != .idle { try await script("ROLLBACK", timeout: timeout) }
        if channel.isTinted {
            try await script("UNLISTEN *; RESET ALL; SELECT pg_advisory_unlock_all()", timeout: timeout)
            channel.isTinted = false
        }
    }
}
