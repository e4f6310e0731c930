import CVitalsLibPQ
import DriverExecutors
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One attempt at one address: libpq's `PQconnectPoll` driven by the loop, under a deadline of our own, because the
/// asynchronous connect ignores `connect_timeout`.
// Everything but the start happens on the loop.
final class ConnectAttempt: ReadinessHandler, @unchecked Sendable {
    private let parameters: [(String, String)]
    private let server: String
    private let configuration: PostgresConfiguration
    private let limit: Duration
    private let notices: NoticeBox
    private let loop: any ReadinessLoop
    private var isOver = false
    private var stage = ConnectStage.parameters
    private var wire: OpaquePointer?
    private var source: (any ReadinessSource)?
    private var timer: LoopTimer?
    private var handoff: Handoff<Result<PostgresSession, any Error>>?

    init(
        parameters: [(String, String)], server: String, configuration: PostgresConfiguration, limit: Duration,
        notices: NoticeBox, loop: any ReadinessLoop
    ) {
        self.parameters = parameters
        self.server = server
        self.configuration = configuration
        self.limit = limit
        self.notices = notices
        self.loop = loop
    }

    /// Connects.
    func run() async throws -> PostgresSession {
        try await withTaskCancellationHandler {
            await Handoff.wait { handoff in
                loop.execute { self.start(handoff) }
            }
        } onCancel: {
            loop.execute { self.finish(.failure(CancellationError())) }
        }.get()
    }

    private func start(_ handoff: Handoff<Result<PostgresSession, any Error>>) {
        // Cancelled before it began.
        if isOver { return handoff.resume(.failure(CancellationError())) }
        self.handoff = handoff
        var keywords: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.0)) } + [nil]
        var values: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.1)) } + [nil]
        wire = PQconnectStartParams(&keywords, &values, 0)
        for pointer in keywords + values { free(UnsafeMutablePointer(mutating: pointer)) }
        guard let wire else {
            return finish(.failure(PostgresError(.outOfResources, "there is no memory for a connection")))
        }
        // The text of an error then holds its SQLSTATE; without it there is only text in the server's language.
        PQsetErrorVerbosity(wire, PQERRORS_VERBOSE)
        notices.attach(to: wire)
        guard PQstatus(wire) != CONNECTION_BAD else { return refuse() }
        timer = loop.schedule(after: limit) { [weak self] in
            guard let self else { return }
            finish(
                .failure(
                    PostgresError(
                        .connectTimeout,
                        "\(server) did not answer within \(limit): check the host, the network and firewalls"
                    )))
        }
        watch(.write)
    }

    func ready(_ readiness: Readiness) {
        guard let wire, handoff != nil else { return }
        unwatch()
        stage = ConnectStage(PQstatus(wire))
        switch PQconnectPoll(wire) {
        case PGRES_POLLING_READING: watch(.read)
        case PGRES_POLLING_WRITING: watch(.write)
        case PGRES_POLLING_OK: succeed(wire)
        default: refuse()
        }
    }

    private func succeed(_ wire: OpaquePointer) {
        let version = PQserverVersion(wire)
        guard version >= 120_000 else {
            return finish(
                .failure(
                    PostgresError(
                        .serverTooOld,
                        "\(server) runs PostgreSQL \(version / 10_000); 12 is the oldest that is supported: upgrade it")
                ))
        }
        guard PQsetnonblocking(wire, 1) == 0 else { return refuse() }
        PQsetErrorVerbosity(wire, PQERRORS_DEFAULT)
        do {
            let session = try PostgresSession(
                connection: wire, loop: loop, notices: notices,
                statements: StatementCache(
                    capacity: configuration.statementCacheSize, byteLimit: configuration.statementCacheBytes),
                isPooled: configuration.pooling == .transactionPooler)
            self.wire = nil
            finish(.success(session))
        } catch {
            finish(.failure(error))
        }
    }

    private func refuse() {
        guard let wire else { return }
        let failure = ConnectFailure(
            text: PostgresError.connectionMessage(wire), stage: stage,
            lacksPassword: PQconnectionNeedsPassword(wire) == 1)
        finish(
            .failure(
                failure.error(server: server, user: configuration.user, database: configuration.databaseName)))
    }

    private func finish(_ outcome: Result<PostgresSession, any Error>) {
        isOver = true
        guard let handoff else { return }
        self.handoff = nil
        timer?.cancel()
        unwatch()
        if let wire { PQfinish(wire) }
        wire = nil
        handoff.resume(outcome)
    }

    /// The descriptor changes while libpq tries TLS and goes on without: watched anew at each step, as a duplicate.
    private func watch(_ interest: Readiness) {
        guard let wire else { return }
        let descriptor = fcntl(PQsocket(wire), F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else {
            return finish(
                .failure(PostgresError(.outOfResources, "no file descriptor is left: raise the limit (ulimit -n)")))
        }
        source = loop.watch(descriptor, handler: self)
        source?.arm(interest)
    }

    private func unwatch() {
        source?.cancel()
        source = nil
    }
}
