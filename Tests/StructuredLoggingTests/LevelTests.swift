import Logging
import StructuredLogging
import Testing

@Suite("Log levels")
struct LevelTests {
    @Test("a level changed at runtime counts at once for loggers made before, by the longest name")
    func runtime() {
        let log = LogFile()
        let levels = LogLevels(.warning)
        func logger(_ label: String) -> Logger {
            Logger(label: label) { JSONLogHandler(label: $0, sink: log.sink, levels: levels) }
        }
        let (pool, other) = (logger("database.pool"), logger("databases"))
        pool.info("1")
        levels.set(.info, for: "database")
        pool.info("2")
        other.info("3")
        levels.set(.error, for: "database.pool")
        pool.info("4")
        levels.set(nil, for: "database.pool")
        pool.info("5")
        levels.set(.trace)
        other.trace("6")
        pool.debug("7")
        #expect(log.records.map { $0["msg"] as? String } == ["2", "5", "6"])
        #expect(levels.level(of: "database.pool") == .info && levels.level(of: "x") == .trace)
    }

    @Test("a level set on a logger beats what is said of its label")
    func ownLevel() {
        let log = LogFile()
        let levels = LogLevels(.info)
        var logger = Logger(label: "a") { JSONLogHandler(label: $0, sink: log.sink, levels: levels) }
        let plain = logger
        logger.logLevel = .debug
        logger.debug("own")
        plain.debug("plain")
        #expect(log.records.map { $0["msg"] as? String } == ["own"])
    }
}
