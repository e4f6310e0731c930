import Interleaving

/// Callers that may have to wait.
let waiting: [Program] = [
    Program("a caller begins to wait while another returns") {
        let stage = Stage(size: 1)
        let (pool, loan) = (stage.pool, stage.borrow())
        stage.run([{ loan.giveBack() }, { await pool.useOne() }])
    },
    Program("two callers of one connection") {
        let stage = Stage(size: 1)
        let pool = stage.pool
        stage.run([{ await pool.useOne() }, { await pool.useOne() }])
    },
    Program("three callers of one connection") {
        let stage = Stage(size: 1)
        let pool = stage.pool
        stage.run([{ await pool.useOne() }, { await pool.useOne() }, { await pool.useOne() }])
    },
    Program("two returns and a caller") {
        let stage = Stage(size: 2)
        let (pool, first, second) = (stage.pool, stage.borrow(), stage.borrow())
        stage.run([{ first.giveBack() }, { second.giveBack() }, { await pool.useOne() }])
    },
    Program("two callers make the first connection") {
        let stage = Stage(size: 1, connections: 0)
        let pool = stage.pool
        stage.run([{ await pool.useOne() }, { await pool.useOne() }])
    },
    Program("a caller is cancelled that nobody serves") {
        let stage = Stage(size: 1)
        let (pool, loan) = (stage.pool, stage.borrow())
        let task = ModelTask()
        stage.run([
            (
                task,
                {
                    if (try? await pool.acquire()) != nil { scheduler.fail("lent although the only one is out") }
                    loan.giveBack()
                }
            ),
            (ModelTask(), { task.cancel() }),
        ])
    },
    Program("a caller is cancelled while it is served") {
        let stage = Stage(size: 1)
        let (pool, loan) = (stage.pool, stage.borrow())
        let task = ModelTask()
        stage.run([
            (task, { if let lease = try? await pool.acquire() { lease.connection.use() } }),
            (ModelTask(), { loan.giveBack() }),
            (ModelTask(), { task.cancel() }),
        ])
    },
    Program("a late cancellation meets another caller") {
        let stage = Stage(size: 1)
        let (pool, loan) = (stage.pool, stage.borrow())
        let task = ModelTask()
        stage.run([
            (task, { if let lease = try? await pool.acquire() { lease.connection.use() } }),
            (
                ModelTask(),
                {
                    loan.giveBack()
                    await pool.useOne()
                }
            ),
            (ModelTask(), { task.cancel() }),
        ])
    },
    Program("a caller's time is over while it is served") {
        let stage = Stage(size: 1, clockMoves: true)
        let (pool, loan) = (stage.pool, stage.borrow())
        stage.run([
            { if let lease = try? await pool.acquire(timeout: .milliseconds(1)) { lease.connection.use() } },
            { loan.giveBack() },
        ])
    },
    Program("a request is relayed while another returns") {
        let stage = Stage(size: 1)
        let (pool, loan) = (stage.pool, stage.borrow())
        let request = Request(pool)
        stage.run([{ request.begin() }, { loan.giveBack() }]) { _ in
            if request.served != 1 { scheduler.fail("a relayed request was served \(request.served) times") }
        }
    },
]

/// Uses a connection on the thread that gives it back.
// Served once.
private final class Request: LeaseUser, @unchecked Sendable {
    private let pool: ModelPool
    private(set) var served = 0

    init(_ pool: ModelPool) { self.pool = pool }

    func begin() {
        let place = pool.place(for: self, at: AcquisitionSite(file: #fileID, line: #line))
        pool.enqueue(place, deadline: .max)
    }

    func bring(_ result: Served) {
        served += 1
        guard case .slot(let slot, let isProved) = result, let lease = pool.lease(ofServed: slot, isProved: isProved)
        else { return scheduler.fail("a relayed request was refused") }
        lease.connection.use()
    }
}
