import Crypto
import Foundation
import Logging

/// The keys in memory, read again when they are older than two seconds: so long does a revocation take to be felt.
/// While the database is away, or its pool has nothing to lend, the last known keys go on counting.
actor KeyRing {
    private let store: KeyStore
    private let logger: Logger
    private var keys: [String: APIKey] = [:]
    private var readAt: ContinuousClock.Instant?
    private var wasRead = false

    init(store: KeyStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// What a text that a client shows comes to.
    enum Verdict: Sendable {
        case key(APIKey)
        /// No keys exist: whoever reaches the server may use it.
        case open
        case none, unknown, revoked
    }

    /// - Throws: ``APIError`` 503 while the keys were never read: then nobody knows whether one is needed.
    func judge(_ text: String?) async throws -> Verdict {
        await refresh()
        guard wasRead else { throw APIError.unavailable("the API keys cannot be read at the moment; try again") }
        if keys.isEmpty { return .open }
        guard let text else { return .none }
        // The hash of what was shown is compared in constant time, also when no key has the id.
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        let key = parts.count == 3 && parts[0] == "vk" ? keys[String(parts[1])] : nil
        let shown = Array(SHA256.hash(data: Data(text.utf8)))
        let fits = zip(shown, key?.hash ?? Self.nothing).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        guard fits, let key, key.hash.count == shown.count else { return .unknown }
        return key.revokedAt == nil ? .key(key) : .revoked
    }

    /// Whether any key exists.
    var isEmpty: Bool {
        get async {
            await refresh()
            return keys.isEmpty
        }
    }

    /// Whoever asks waits for a connection only while nothing is known: health and alerts must answer when all are lent.
    private func read() async throws -> [APIKey] {
        guard wasRead else { return try await store.all() }
        return try await withThrowingTaskGroup(of: [APIKey].self) { [store] group in
            group.addTask { try await store.all() }
            group.addTask {
                try await Task.sleep(for: .milliseconds(500))
                throw CancellationError()
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    private static let nothing = [UInt8](repeating: 0, count: 32)

    private func refresh() async {
        let now = ContinuousClock.now
        if let readAt, now - readAt < .seconds(2) { return }
        readAt = now
        do {
            keys = Dictionary(uniqueKeysWithValues: try await read().map { ($0.id, $0) })
            wasRead = true
        } catch {
            logger.warning("the API keys could not be read; the last known ones count", metadata: ["error": "\(error)"])
        }
    }
}
