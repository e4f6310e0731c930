import Interleaving

/// What an operator does while connections are lent and come back.
let control: [Program] = [
    Program("resize beside a return") {
        let stage = Stage(size: 2)
        let (pool, first, second) = (stage.pool, stage.borrow(), stage.borrow())
        stage.run([
            { try? pool.resize(size: 1, maxOverflow: 0) },
            {
                second.giveBack()
                first.giveBack()
            },
        ])
    },
    Program("a return after resize") {
        let stage = Stage(size: 2)
        let (pool, first, second) = (stage.pool, stage.borrow(), stage.borrow())
        stage.run([
            {
                try? pool.resize(size: 1, maxOverflow: 0)
                second.giveBack()
            },
            { first.giveBack() },
        ]) { state in
            if state.machine.idle.contains(1) { scheduler.fail("a connection beyond the size is kept") }
        }
    },
    Program("eviction beside a return") {
        let stage = Stage(size: 1)
        let (pool, loan) = (stage.pool, stage.borrow())
        stage.run([
            { loan.giveBack() },
            {
                pool.evictAll()
                guard let lease = try? await pool.acquire() else { return scheduler.fail("a caller was refused") }
                if lease.generation == 0 { scheduler.fail("an evicted connection is lent") }
                lease.connection.use()
            },
        ])
    },
    Program("suspension beside a return and a caller") {
        let stage = Stage(size: 1)
        let (pool, loan) = (stage.pool, stage.borrow())
        stage.run([
            { loan.giveBack() },
            {
                pool.suspend()
                if pool.tryAcquire() != nil { scheduler.fail("the suspended pool lends") }
                pool.resume()
            },
            { await pool.useOne() },
        ])
    },
    Program("shutdown beside a return and a caller") {
        let stage = Stage(size: 1)
        let (pool, loan) = (stage.pool, stage.borrow())
        stage.run([
            { loan.giveBack() },
            { if let lease = try? await pool.acquire() { lease.connection.use() } },
            {
                let now = pool.core.clock.now()
                pool.perform(pool.core.step(now: now) { $0.machine.shutdown(now: now) })
                if pool.tryAcquire() != nil { scheduler.fail("the pool lends after its shutdown") }
            },
        ]) { state in
            if state.machine.occupied != 0 { scheduler.fail("a connection is left after the shutdown") }
        }
    },
    Program("forced shutdown beside a return") {
        let stage = Stage(size: 1)
        let (pool, loan) = (stage.pool, stage.borrow())
        stage.run([
            { loan.end() },
            {
                let now = pool.core.clock.now()
                pool.perform(pool.core.step(now: now) { $0.machine.shutdown(now: now) })
                pool.perform(pool.core.step(now: now) { $0.machine.forceShutdown(now: now) })
            },
        ]) { state in
            if state.machine.occupied != 0 { scheduler.fail("a connection is left after the shutdown") }
        }
    },
]
