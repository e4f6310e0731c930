public import ConnectionPool
import DriverExecutors
import SQLDatabase

/// What a pool needs to know of PostgreSQL connections.
public struct PostgresConnectionBackend: ConnectionBackend {
    private let configuration: PostgresConfiguration
    private let loops: LoopGroup
    private let connector: Connector
    private let notices: (@Sendable (PostgresNotice) -> Void)?
    private let instrumentation: SQLInstrumentation?

    init(
        configuration: PostgresConfiguration, loops: LoopGroup, notices: (@Sendable (PostgresNotice) -> Void)? = nil,
        instrumentation: SQLInstrumentation? = nil
    ) {
        self.configuration = configuration
        self.loops = loops
        self.notices = notices
        self.instrumentation = instrumentation
        connector = Connector(configuration: configuration, notices: noticeHandler(notices, instrumentation?.logger))
    }

    /// The same, with further settings in each session. Behind a pooler of transactions, which keeps none, without them.
    package func with(settings: [String: String]) -> PostgresConnectionBackend {
        guard configuration.pooling == .direct else { return self }
        var other = configuration
        other.settings.merge(settings) { _, new in new }
        return PostgresConnectionBackend(
            configuration: other, loops: loops, notices: notices, instrumentation: instrumentation)
    }

    /// Opens a connection on the next loop.
    public func connect() async throws -> PostgresConnection {
        let session = try await connector.connect(on: loops.next())
        return PostgresConnection(session: session, configuration: configuration, instrumentation: instrumentation)
    }

    /// Sends an empty statement and waits for the answer, at most as long as a connection may take to be made.
    public func validate(_ connection: PostgresConnection) async throws {
        try await connection.script("", timeout: configuration.connectTimeout)
    }

    /// Whether the socket is open and silent.
    public func isOpen(_ connection: PostgresConnection) -> Bool? {
        !connection.session.connectionStatus.isBroken && connection.session.isSilent
    }

    /// Clean, unless a transaction is open, a statement is still being canceled, or the session may have been changed
    /// (``PostgresConfiguration/SessionReset``); broken when the connection was lost or cannot be reset.
    public func returnState(of connection: PostgresConnection) -> ConnectionReturnState {
        let session = connection.session
        let status = session.connectionStatus
        if status.isBroken { return .broken }
        // Behind a pooler of transactions the session belongs to no client.
        let isKept = configuration.sessionReset == .never || session.isPooled
        let effect = isKept ? .none : session.facts.effect
        if effect == .discard { return .broken }
        let isClean = status.isFree && session.transactionStatus == .idle && effect == .none
        return isClean && configuration.sessionReset != .always ? .clean : .needsReset
    }

    /// Waits until a canceled statement has ended on the server, rolls back, and returns the session to its initial state.
    public func reset(_ connection: PostgresConnection) async throws {
        try await connection.reset(configuration.sessionReset, timeout: configuration.connectTimeout)
    }

    /// Ends the session and closes the socket.
    public func close(_ connection: PostgresConnection) async {
        await connection.session.close()
    }

    /// A lost connection is evicted. A server that has become read-only, or is being shut down, takes all of its
    /// connections with it; a refusal to write in a transaction that was opened read-only takes none.
    public func disposition(of error: any Error) -> ConnectionDisposition {
        guard let error = error as? PostgresError else { return .keep }
        switch error.code {
        case .serverNotReady: return .evictAll
        case .readOnly:
            switch error.readOnlyReason {
            case .requested: return .keep
            case .server: return .evictAll
            case .notKnown: return .evict
            }
        default: break
        }
        return error.closesConnection ? .evict : .keep
    }
}

extension PostgresConnectionBackend {
    /// Whether no attempt to connect can succeed as things are: an unknown database, a wrong password, a refused setting,
    /// TLS that fails, a server that is too old.
    public func isPermanent(_ error: any Error) -> Bool { (error as? PostgresError)?.preventsConnecting ?? false }
}

extension PostgresConnection {
    /// Returns the session to the state in which it began.
    func reset(_ mode: PostgresConfiguration.SessionReset, timeout: Duration) async throws {
        // An empty statement waits its turn, which a statement that is being canceled holds until the server is done.
        try await script("", timeout: timeout)
        if transactionStatus != .idle { try await script("ROLLBACK", timeout: timeout) }
        guard mode != .never, !session.isPooled else { return }
        let effect = mode == .always ? max(session.facts.effect, .session) : session.facts.effect
        switch effect {
        case .none: return
        case .sequences: try await script("DISCARD SEQUENCES", timeout: timeout)
        case .session:
            try await script("DISCARD ALL", timeout: timeout)
            let rest = session.facts.remainingResets
            if !rest.isEmpty { try await script(rest, timeout: timeout) }
        case .discard:
            throw PostgresError(.connectionClosed, "the session holds state that only its end undoes")
        }
        session.facts.effect = .none
    }
}
