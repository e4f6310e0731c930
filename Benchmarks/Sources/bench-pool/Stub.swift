import BenchHarness
import ConnectionPool
import Foundation
import Synchronization

final class StubConnection: Sendable {}

/// A backend that costs nothing, so that what is measured is the pool.
struct StubBackend: ConnectionBackend {
    func connect() async throws -> StubConnection { StubConnection() }
    func validate(_ connection: StubConnection) async throws {}
    func close(_ connection: StubConnection) async {}
}

/// An observer that does the least an observer can do.
final class CountingObserver: PoolObserver {
    private let events = Atomic<Int>(0)
    func pool(did event: PoolEvent) { events.wrappingAdd(1, ordering: .relaxed) }
}

/// An uncontended lock and unlock of a pthread mutex.
func lockPair(_ count: Int) -> Double {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    defer {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }
    return nanoseconds(per: count) {
        pthread_mutex_lock(mutex)
        pthread_mutex_unlock(mutex)
    }
}
