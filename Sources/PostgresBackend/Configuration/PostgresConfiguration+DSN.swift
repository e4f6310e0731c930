#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension PostgresConfiguration {
    /// Reads a connection string in either of libpq's forms.
    ///
    /// ```swift
    /// try PostgresConfiguration("postgresql://app@db1:5432,db2/clinic?sslmode=verify-full")
    /// try PostgresConfiguration("host=db1,db2 user=app dbname='my clinic' sslmode=verify-full")
    /// try PostgresConfiguration("service=clinic")
    /// ```
    ///
    /// What the string leaves out comes from the section of `pg_service.conf` that `service` or `PGSERVICE` names, then
    /// from libpq's environment variables (`PGHOST`, `PGUSER`, `PGPASSWORD` …), then from the defaults of the
    /// properties. In this the driver does what `psql` does, except for two defaults: `psql` without a host uses a Unix
    /// socket and without a user the name of the operating system's user. `PGCLIENTENCODING` has no effect: the driver
    /// always uses UTF-8.
    ///
    /// An option that sets a property sets it; other options of libpq go to ``libpqParameters``.
    /// - Throws: ``PostgresError`` with ``PostgresError/Code/invalidConfiguration`` when the string is malformed, an
    ///   option is unknown or a value is out of its range. The text never repeats a value.
    public init(_ dsn: String) throws(PostgresError) {
        try self.init(dsn, environment: Self.processEnvironment)
    }

    /// Reads the environment as `psql` does when it is started without arguments: `PGSERVICE` and `pg_service.conf`,
    /// `PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE`, `PGPASSWORD`, `PGSSLMODE` and the other variables of libpq.
    ///
    /// A configuration that was made with ``init()`` reads no variable for its properties.
    /// - Throws: ``PostgresError`` with ``PostgresError/Code/invalidConfiguration``, which names the variable.
    public static func fromEnvironment() throws(PostgresError) -> PostgresConfiguration {
        try PostgresConfiguration(nil, environment: processEnvironment)
    }

    init(_ dsn: String?, environment: @escaping @Sendable (String) -> String?) throws(PostgresError) {
        self.init()
        var explicit: [(name: String, value: String)] = []
        if let dsn { explicit = try ConnectionString.options(of: dsn) }
        try ConnectionParameters(explicit: explicit, environment: environment).apply(to: &self)
        try validate()
    }

    /// The value of a variable in the environment of this process.
    static let processEnvironment: @Sendable (String) -> String? = { name in
        getenv(name).map { String(cString: $0) }
    }
}
