#if Redis
    /// Where a Redis server is and how it is used.
    public struct RedisConfiguration: Sendable, Hashable {
        /// The server's name or address. Ignored when ``unixSocket`` is set.
        public var host: String
        /// The server's port, 1…65,535.
        public var port: Int
        /// The path of the server's socket on this machine, instead of ``host`` and ``port``.
        public var unixSocket: String?
        /// The user of an access control list; `nil` is Redis' user `default`.
        public var username: String?
        /// The password; `nil` does not authenticate. It appears in no description and no error.
        public var password: String?
        /// The number of the database that every connection selects, 0 or more.
        public var database: Int
        /// How long making a connection may take.
        public var connectTimeout: Duration
        /// How long a reply may take. The connection is dropped when it takes longer.
        public var commandTimeout: Duration
        /// How long a caller waits for a connection.
        public var acquireTimeout: Duration
        /// How many connections, and threads that wait on them, there are at most: 1…256.
        public var connections: Int

        /// Settings that suit a server nearby.
        public init(
            host: String = "127.0.0.1", port: Int = 6379, unixSocket: String? = nil, username: String? = nil,
            password: String? = nil, database: Int = 0, connectTimeout: Duration = .seconds(2),
            commandTimeout: Duration = .seconds(1), acquireTimeout: Duration = .seconds(2), connections: Int = 4
        ) {
            self.host = host
            self.port = port
            self.unixSocket = unixSocket
            self.username = username
            self.password = password
            self.database = database
            self.connectTimeout = connectTimeout
            self.commandTimeout = commandTimeout
            self.acquireTimeout = acquireTimeout
            self.connections = connections
        }

        /// Checks every setting.
        /// - Throws: ``RedisError`` with the code ``RedisError/Code/invalidConfiguration``, which names the setting and
        ///   its rule.
        public func validate() throws(RedisError) {
            func require(_ holds: Bool, _ rule: String) throws(RedisError) {
                if !holds { throw RedisError(.invalidConfiguration, rule) }
            }
            if let unixSocket {
                try require(!unixSocket.isEmpty, "unixSocket must be a path; set nil to use host and port")
            } else {
                try require(!host.isEmpty, "host must be a name or an address, it is empty")
                try require((1...65_535).contains(port), "port must be from 1 to 65535, it is \(port)")
            }
            try require(username == nil || password != nil, "username needs a password: set password, or no username")
            try require(database >= 0, "database must be 0 or more, it is \(database)")
            let hour = Duration.seconds(3600)
            for (name, value) in [
                ("connectTimeout", connectTimeout), ("commandTimeout", commandTimeout),
                ("acquireTimeout", acquireTimeout),
            ] {
                try require(
                    value >= .milliseconds(1) && value <= hour, "\(name) must be from 1 ms to an hour, it is \(value)")
            }
            try require((1...256).contains(connections), "connections must be from 1 to 256, it is \(connections)")
        }

        /// The server as messages name it; without user and password.
        var address: String { unixSocket ?? (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)") }
    }

    extension RedisConfiguration: CustomStringConvertible, CustomReflectable {
        /// Server and database; neither user nor password.
        public var description: String { "redis at \(address), database \(database)" }

        /// Server and database; neither user nor password.
        public var customMirror: Mirror { Mirror(self, children: ["address": address, "database": database]) }
    }
#endif
