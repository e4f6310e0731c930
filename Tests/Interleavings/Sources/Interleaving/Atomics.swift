/// The operations of atomics: each is a point at which another thread may go on.
public struct AtomicCell {
    private let cell: UnsafeMutablePointer<Cell>

    public init(_ bits: UInt64) { cell = scheduler.memory.makeCell(bits) }

    private var memory: Memory { scheduler.memory }

    public func load(_ ordering: Ordering, _ caller: StaticString) -> UInt64 {
        let location = memory.location(of: cell)
        scheduler.point(Operation(location: location, isWrite: false), caller, "loads")
        let thread = scheduler.current
        let age = scheduler.explorer.age(of: memory.choices(thread, location))
        return memory.load(thread, location, ordering, age: age)
    }

    public func store(_ bits: UInt64, _ ordering: Ordering, _ caller: StaticString) {
        let location = memory.location(of: cell)
        scheduler.point(Operation(location: location, isWrite: true), caller, "stores")
        memory.store(scheduler.current, location, bits, ordering)
    }

    public func exchange(_ bits: UInt64, _ ordering: Ordering, _ caller: StaticString) -> UInt64 {
        let location = memory.location(of: cell)
        scheduler.point(Operation(location: location, isWrite: true), caller, "exchanges")
        return update(location, bits, ordering)
    }

    public func compareExchange(
        _ expected: UInt64, _ desired: UInt64, _ ordering: Ordering, failing: Ordering, isWeak: Bool,
        _ caller: StaticString
    ) -> (exchanged: Bool, original: UInt64) {
        let location = memory.location(of: cell)
        scheduler.point(Operation(location: location, isWrite: true), caller, "compares and exchanges")
        if memory.newest(location) == expected, !isWeak || !scheduler.explorer.failsSpuriously() {
            return (true, update(location, desired, ordering))
        }
        return (false, memory.load(scheduler.current, location, failing))
    }

    private func update(_ location: Int, _ bits: UInt64, _ ordering: Ordering) -> UInt64 {
        let thread = scheduler.current
        let old = memory.load(thread, location, ordering)
        memory.store(thread, location, bits, ordering, isUpdate: true)
        return old
    }
}
