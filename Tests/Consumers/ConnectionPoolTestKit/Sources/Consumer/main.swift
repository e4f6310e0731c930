import ConnectionPool
import ConnectionPoolTestKit

// The cases that every backend has to pass, on the one whose calls a test scripts.
let backend = ScriptedBackend()
let failures = await ConnectionBackendConformance(backend: backend).run()
guard failures.isEmpty else { fatalError("\(failures)") }

// A pool on it: one connection serves both.
let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 1))
let before = backend.attempts
for _ in 1...2 { try await pool.withConnection { _ in } }
print("connections made:", backend.attempts - before)
await pool.shutdown()
