import Interleaving

/// Leases and returns that find and leave the pool quiet.
let fastPath: [Program] = [
    Program("two threads take and put one slot") {
        let stage = Stage(size: 1)
        let pool = stage.pool
        stage.run([
            { for _ in 0..<2 { pool.useIdle() } },
            { for _ in 0..<2 { pool.useIdle() } },
        ])
    },
    Program("two threads take and put two slots") {
        let stage = Stage(size: 2)
        let pool = stage.pool
        stage.run([
            { for _ in 0..<2 { pool.useIdle() } },
            { pool.useIdle() },
        ])
    },
    Program("three threads take and put two slots") {
        let stage = Stage(size: 2)
        let pool = stage.pool
        stage.run([{ pool.useIdle() }, { pool.useIdle() }, { pool.useIdle() }])
    },
    Program("the statistics beside a lease") {
        let stage = Stage(size: 1)
        let pool = stage.pool
        stage.run([
            { pool.useIdle() },
            {
                let seen = pool.statistics
                if seen.idle > 1 || seen.inUse > 1 { scheduler.fail("\(seen.idle) idle, \(seen.inUse) in use of one") }
            },
        ])
    },
    Program("growth beside leases") {
        let stage = Stage(size: 62, connections: 1)
        let pool = stage.pool
        let loan = stage.borrow()
        stage.run([
            { try? pool.resize(size: 63, maxOverflow: 0) },
            {
                // Nothing is idle in the first group, so that the second is looked at as soon as it is there.
                pool.useIdle()
                loan.giveBack()
                pool.useIdle()
            },
        ])
    },
]
