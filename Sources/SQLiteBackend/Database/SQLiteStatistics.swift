public import ConnectionPool

extension SQLiteDatabase {
    /// The pools at this moment.
    public var statistics: Statistics { Statistics(writer: writer.statistics, readers: readers?.statistics) }

    /// The pools of a database at one moment.
    public struct Statistics: Sendable, Hashable {
        /// The pool of the one writing connection.
        public let writer: PoolStatistics
        /// The pool of the reading connections; `nil` for a database in memory.
        public let readers: PoolStatistics?
    }
}
