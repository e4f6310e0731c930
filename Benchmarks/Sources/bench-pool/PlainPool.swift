import BenchHarness
import Foundation

/// The least a pool can be: idle connections and waiters behind a lock, first come, first served. No timeout, no
/// cancellation, no statistics, no leak report, no maximum age.
// Everything is used under the mutex.
final class PlainPool: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var idle: [StubConnection]
    private var waiting: [UnsafeContinuation<StubConnection, Never>] = []
    private var head = 0

    init(size: Int) {
        idle = (0..<size).map { _ in StubConnection() }
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func acquire() async -> StubConnection {
        if let connection = take() { return connection }
        return await withUnsafeContinuation { continuation in
            if let connection = take(orWait: continuation) { continuation.resume(returning: connection) }
        }
    }

    private func take(orWait continuation: UnsafeContinuation<StubConnection, Never>? = nil) -> StubConnection? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let connection = idle.popLast() { return connection }
        if let continuation { waiting.append(continuation) }
        return nil
    }

    func release(_ connection: StubConnection) { next(for: connection)?.resume(returning: connection) }

    private func next(for connection: StubConnection) -> UnsafeContinuation<StubConnection, Never>? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard head < waiting.count else {
            idle.append(connection)
            return nil
        }
        defer {
            head += 1
            if head == waiting.count || head > 1024 {
                waiting.removeFirst(head)
                head = 0
            }
        }
        return waiting[head]
    }
}

/// The same crowd on it.
func plainCrowd(_ pool: PlainPool, tasks: Int, leases: Int) async -> Double {
    let start = now()
    await withTaskGroup(of: Void.self) { group in
        for _ in 0..<tasks {
            group.addTask {
                for _ in 0..<leases {
                    let connection = await pool.acquire()
                    await Task.yield()
                    pool.release(connection)
                }
            }
        }
    }
    return Double(now() - start) / Double(tasks * leases)
}
