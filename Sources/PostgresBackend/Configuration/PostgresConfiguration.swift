/// How to reach a PostgreSQL server and how sessions begin.
///
/// ```swift
/// var configuration = try PostgresConfiguration("postgresql://app@db1,db2:5433/vitals?target_session_attrs=read-write")
/// configuration.password = .provider { try await vault.currentPassword() }
/// ```
public struct PostgresConfiguration: Sendable {
    /// One server of the list, tried in order.
    public struct Host: Sendable, Hashable {
        /// A name, an address, or the folder of a Unix socket (begins with `/`).
        public var name: String
        /// 1…65535.
        public var port: Int
        /// The numeric address to connect to instead of looking ``name`` up, as libpq's `hostaddr`. The name still
        /// counts for the certificate and the password file. Default `nil`.
        public var address: String?

        /// Creates a server of the list.
        public init(_ name: String, port: Int = 5432, address: String? = nil) {
            self.name = name
            self.port = port
            self.address = address
        }

        var isUnixSocket: Bool { name.hasPrefix("/") }
    }

    /// What stands between this pool and the server.
    public enum PoolingMode: String, Sendable, Hashable, CaseIterable {
        /// Nothing, or a proxy that keeps a server session for each connection (PgBouncer's `pool_mode = session`).
        case direct
        /// A proxy that gives each transaction any server session (PgBouncer's `pool_mode = transaction`). A session's
        /// state does not outlive a transaction there, so nothing is sent at its start: ``settings`` and `options` are
        /// refused, and ``statementTimeout``, ``idleInTransactionTimeout`` and ``lockTimeout`` are not given to the
        /// server as start-up settings. Set such values with `ALTER ROLE … SET`.
        case transactionPooler = "transaction"
    }

    /// Where the password comes from. Asked anew for every connection, so that it may rotate.
    public enum Password: Sendable {
        /// None, or the one that libpq finds (`PGPASSWORD`, `PGPASSFILE`, `~/.pgpass`).
        case none
        /// A fixed one.
        case value(String)
        /// A closure, called for each new connection. It may take as long as ``PostgresConfiguration/connectTimeout``.
        case provider(@Sendable () async throws -> String)
    }

    /// How a connection is encrypted and whom it trusts.
    public enum TLSMode: String, Sendable, Hashable, CaseIterable {
        case disable, allow, prefer, require
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }

    /// Which kind of server will do, when several are named.
    public enum SessionRole: String, Sendable, Hashable, CaseIterable {
        case any, primary, standby
        case readWrite = "read-write"
        case readOnly = "read-only"
        case preferStandby = "prefer-standby"
    }

    /// When a session is reset, so that the next borrower finds it as it began.
    ///
    /// Open transactions are rolled back in every mode.
    public enum SessionReset: String, Sendable, Hashable, CaseIterable {
        /// Never: settings, roles, locks and temporary tables stay for the next borrower.
        case never
        /// After a statement that may have changed the session, as its text and the server's own reports tell: `SET`,
        /// `set_config(…)`, `SET ROLE`, `DO`, `CALL`, `LISTEN`, session-level locks, temporary objects, cursors `WITH HOLD` …
        /// Other leases cost nothing. A function or procedure of your own that changes the session when it is called in
        /// a `SELECT` or by a trigger is not recognized: use ``always``, or `SET LOCAL` inside it.
        case whenNeeded
        /// After every lease, at the cost of one round trip and of the prepared statements.
        case always
    }

    /// The servers, tried in order until one answers with the ``sessionRole`` asked for. Default `localhost:5432`.
    public var hosts: [Host] = [Host("localhost")]
    /// Whether each new connection begins with a server of the list at random. Default `false`.
    public var shufflesHosts = false
    /// The database; the user's name when `nil`.
    public var database: String?
    /// The user. Default `postgres`.
    public var user = "postgres"
    /// The password. Default none.
    public var password: Password = .none
    /// Shown in `pg_stat_activity`. Default `vitals`.
    public var applicationName = "vitals"
    /// The limit of each step of connecting: the password provider, the look-up of one name, and one attempt at one
    /// address, TLS and authentication included. Default 10 s.
    public var connectTimeout: Duration = .seconds(10)
    /// The limit of all steps together. By default, `nil`, ``connectTimeout`` once for the password and twice for each
    /// of the ``hosts``.
    public var totalConnectTimeout: Duration?
    /// Whether a proxy that pools transactions stands in between. Default ``PoolingMode/direct``.
    public var pooling: PoolingMode = .direct
    /// The server ends a statement that runs longer. `nil` for no limit. Default 30 s.
    public var statementTimeout: Duration? = .seconds(30)
    /// The server ends a session that idles inside a transaction for longer. `nil` for no limit. Default 60 s.
    public var idleInTransactionTimeout: Duration? = .seconds(60)
    /// The server gives up waiting for a lock after this. `nil` for no limit. Default `nil`.
    public var lockTimeout: Duration?
    /// How much longer than ``statementTimeout`` to wait for a server that says nothing at all (frozen, or behind a
    /// dead network) before the connection is given up. Default 5 s.
    public var responseGrace: Duration = .seconds(5)
    /// TLS. Default ``TLSMode/prefer``; use ``TLSMode/verifyFull`` across networks.
    public var tls: TLSMode = .prefer
    /// The file of trusted root certificates; libpq's default when `nil`.
    public var tlsRootCertificates: String?
    /// The files of the client's certificate and key.
    public var tlsCertificate: String?, tlsKey: String?
    /// The kind of server wanted. Default ``SessionRole/any``.
    public var sessionRole: SessionRole = .any
    /// TCP keep-alive: the first probe after this much silence, the pause between probes, and how many may stay
    /// unanswered. Default 30 s, 10 s, 3.
    public var keepAliveIdle: Duration = .seconds(30)
    /// The pause between probes.
    public var keepAliveInterval: Duration = .seconds(10)
    /// Probes that may stay unanswered, 1 or more.
    public var keepAliveCount = 3
    /// How long sent bytes may stay unacknowledged before the connection counts as dead. Default 15 s; Linux only.
    public var tcpUserTimeout: Duration? = .seconds(15)
    /// Prepared statements kept for each connection, 0 or more; 0 sends every statement unprepared. Default 128.
    public var statementCacheSize = 128
    /// The most bytes of SQL text that a connection's prepared statements may have in all, 0 or more. A statement of more
    /// than an eighth of it is not kept. Default 1 MiB.
    public var statementCacheBytes = 1 << 20
    /// When a session is reset before the next borrower gets it. Default ``SessionReset/whenNeeded``.
    public var sessionReset: SessionReset = .whenNeeded
    /// Session settings sent with the start of every connection: `["search_path": "clinic"]`. `client_encoding`,
    /// `DateStyle` and `bytea_output` are the driver's own.
    public var settings: [String: String] = [:]
    /// Further options of libpq, passed on as they are: `["sslcrl": "…"]`. Options that are properties are refused here.
    public var libpqParameters: [String: String] = [:]

    /// The service whose settings are in this configuration.
    var service: String?

    /// Creates a configuration with the default of every property; the environment is not read for them.
    ///
    /// What stays `nil` or empty and is libpq's to find, such as a password or the files of certificates, libpq still
    /// finds in its usual places, its environment variables included. Use ``fromEnvironment()`` to have `PGHOST`,
    /// `PGUSER` and the others apply.
    public init() {}

    /// The database's name as the server will be asked for it.
    public var databaseName: String { database ?? user }

    /// The limit of all steps of connecting together.
    var connectBudget: Duration {
        let rounds = sessionRole == .preferStandby ? 2 : 1
        return totalConnectTimeout ?? connectTimeout * (1 + 2 * rounds * min(hosts.count, 1000))
    }
}
