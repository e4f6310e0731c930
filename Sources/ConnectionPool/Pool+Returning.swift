import Synchronization

extension Pool {
    /// Takes a connection back.
    @inline(__always)
    func giveBack(_ slot: Int, _ connection: Backend.Connection, isBroken: Bool) {
        let verdict = isBroken ? ConnectionReturnState.broken : backend.returnState(of: connection)
        let cell = table.cell(slot)
        let now = coarseNow()
        let site = cell.pointee.site
        let (held, wasReported) = cell.pointee.takeBack(now: now)
        if echoes { observer?.pool(did: .released(held: Duration(nanosecondCount: held), site: site)) }
        cell.pointee.idleSince = now
        cell.pointee.seenAt = now
        if verdict == .clean, slot < table.header.pointee.size.load(ordering: .relaxed), now < cell.pointee.expires,
            cell.pointee.generation == table.header.pointee.generation.load(ordering: .relaxed),
            !wasReported, table.put(slot)
        {
            return
        }
        if wasReported { reporter?.tell(.leakReturned(held: Duration(nanosecondCount: held), site: site)) }
        giveBackSlowly(slot, verdict)
    }

    @inline(never)
    private func giveBackSlowly(_ slot: Int, _ verdict: ConnectionReturnState) {
        let now = core.clock.now()
        perform(core.step(now: now) { $0.machine.released(slot, verdict, now: now) })
    }
}
