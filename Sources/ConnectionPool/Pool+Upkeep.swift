import Synchronization

extension Pool {
    /// Maintains the pool until the task is cancelled, then shuts it down: closes what grew old or is idle too long,
    /// notices dead connections, keeps alive, refills, and reports leaks.
    public func run() async {
        await keepHouse()
        while !Task.isCancelled {
            do { try await core.clock.sleep(until: core.clock.now() + Self.tick) } catch { break }
            await keepHouse()
        }
        await shutdown()
    }

    private static var tick: UInt64 { 250_000_000 }

    private func keepHouse() async {
        let now = core.clock.now()
        var idle: [Int] = []
        perform(
            core.step(now: now) { state in
                state.machine.tick(
                    now: now, idleSince: { table.cell($0).pointee.idleSince },
                    leasedSince: { slot in
                        let since = table.cell(slot).pointee.leasedSince.load(ordering: .relaxed)
                        return since == 0 ? nil : since
                    })
                if restLimit != .max || checksAlways {
                    idle = state.machine.idle.descending.filter {
                        now.since(table.cell($0).pointee.idleSince) > 500_000_000
                    }
                }
                arm(&state, now: now)
            })
        // One at a time, so that the others can be lent meanwhile.
        for slot in idle { look(at: slot) }
    }

    private func look(at slot: Int) {
        let now = core.clock.now()
        var taken: Backend.Connection?
        let actions = core.step(now: now) { state in
            guard state.machine.takeToLookAt(slot, now: now) else { return }
            taken = table.cell(slot).pointee.connection.map {
                unsafeDowncast($0.takeUnretainedValue(), to: Backend.Connection.self)
            }
        }
        perform(actions)
        guard let taken else { return }
        let isOpen = backend.isOpen(taken) ?? true
        perform(core.step(now: now) { $0.machine.checked(slot, works: isOpen, bySight: true, now: now) })
    }
}
