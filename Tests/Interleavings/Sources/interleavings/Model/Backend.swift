import Interleaving
import Synchronization

/// A connection that notices when two use it at once: by a value that another overwrites, and by a plain variable that
/// the clocks watch.
// Used by its borrower, which is what is tried here.
final class ModelConnection: @unchecked Sendable {
    private let user = Atomic<UInt>(0)
    private var uses = 0

    func use() {
        let me = ModelTask.currentNumber
        if user.exchange(me, ordering: .relaxed) != 0 { scheduler.fail("a connection is lent to two") }
        uses += 1
        if user.exchange(0, ordering: .relaxed) != me { scheduler.fail("a connection is lent to two") }
    }

    func close() {
        if user.exchange(.max, ordering: .relaxed) != 0 {
            scheduler.fail("a connection is closed twice, or while it is lent")
        }
    }
}

struct ModelBackend: ConnectionBackend {
    func connect() async throws -> ModelConnection { ModelConnection() }
    func validate(_ connection: ModelConnection) async throws {}
    func isOpen(_ connection: ModelConnection) -> Bool? { true }
    func close(_ connection: ModelConnection) async { connection.close() }
}

/// A clock that stands still until someone sleeps: then it moves on, at whatever moment the explorer chooses.
struct ModelClock: PoolClock {
    private let time: Time?

    // Only an atomic.
    private final class Time: @unchecked Sendable {
        let nanoseconds = Atomic<UInt64>(ModelClock.start)
    }

    private static let start: UInt64 = 1_000_000_000

    /// - Parameter moves: Whether sleeping ends; if not, who sleeps is cancelled instead.
    init(moves: Bool) { time = moves ? Time() : nil }

    func now() -> UInt64 { time?.nanoseconds.load(ordering: .relaxed) ?? Self.start }

    func sleep(until deadline: UInt64) async throws {
        guard let time else {
            ModelTask.current?.cancel()
            throw CancellationError()
        }
        var now = time.nanoseconds.load(ordering: .relaxed)
        while now < deadline {
            let (moved, seen) = time.nanoseconds.compareExchange(expected: now, desired: deadline, ordering: .relaxed)
            if moved { break }
            now = seen
        }
    }
}
