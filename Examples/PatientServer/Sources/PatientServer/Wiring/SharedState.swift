import Foundation
import HealthChecks
import Logging
import RateLimiting
import ServiceMetrics

#if Redis
    import RedisBackend
#endif

/// What servers share when they have a Redis, and keep to themselves when they have none: rate limits and a cache.
struct SharedState: Sendable {
    let limits: any RateLimitStore
    let check: HealthCheck?
    let close: @Sendable () async -> Void
    #if Redis
        private let cache: Cache
    #endif

    /// - Throws: ``SettingsError``, when the address of Redis cannot be used.
    init(_ settings: Settings, registry: MetricRegistry, logger: Logger) throws {
        #if Redis
            guard let address = settings.redis else {
                limits = MemoryRateLimitStore()
                cache = Cache(MemoryCacheStore())
                check = nil
                close = {}
                return
            }
            guard let configuration = RedisConfiguration(url: address) else {
                throw SettingsError(
                    place: "REDIS_URL", key: "redis_url", rule: "takes redis://[user:password@]host[:port][/database]")
            }
            let redis = try RedisClient(configuration)
            let failures = try registry.counter(
                "redis_failures_total", help: "Calls of Redis that failed; limits and cache did without.")
            let noted: @Sendable (any Error) -> Void = { error in
                failures.increment()
                logger.warning("redis does not answer; limits hold per server", metadata: ["error": "\(error)"])
            }
            limits = RedisRateLimitStore(redis, fallback: MemoryRateLimitStore(), onUnavailable: noted)
            cache = Cache(RedisCacheStore(redis), onUnavailable: noted)
            check = .redis(interval: .seconds(1)) { try await redis.send(["PING"]) }
            close = { await redis.shutdown() }
        #else
            guard settings.redis == nil else {
                throw SettingsError(
                    place: "REDIS_URL", key: "redis_url", rule: "needs a build with the package trait Redis")
            }
            limits = MemoryRateLimitStore()
            check = nil
            close = {}
        #endif
    }

    /// A value that never changes once it is made, kept for a while.
    func cached(
        _ key: String, ttl: Duration = .seconds(60), _ make: @escaping @Sendable () async throws -> [UInt8]
    ) async throws -> [UInt8] {
        #if Redis
            try await cache.value(key, ttl: ttl, make: make)
        #else
            try await make()
        #endif
    }
}

#if Redis
    extension RedisConfiguration {
        /// `redis://[user:password@]host[:port][/database]`, or `unix:///path`.
        init?(url text: String) {
            guard let url = URLComponents(string: text) else { return nil }
            if url.scheme == "unix", !url.path.isEmpty {
                self.init(unixSocket: url.path)
                return
            }
            guard url.scheme == "redis", let host = url.host, !host.isEmpty else { return nil }
            let path = url.path.drop { $0 == "/" }
            guard let database = path.isEmpty ? 0 : Int(path) else { return nil }
            self.init(
                host: host, port: url.port ?? 6379, username: url.user.flatMap { $0.isEmpty ? nil : $0 },
                password: url.password, database: database, commandTimeout: .milliseconds(500),
                acquireTimeout: .milliseconds(500))
        }
    }
#endif
