import Synchronization

/// Which loan of a pool a closure runs in.
@usableFromInline
struct LoanMark: Sendable {
    let slot: Int
    let number: UInt64
    /// The slot that the closure around it holds; -1 for none.
    let outer: Int
}

/// Knows which connections are held by the closures that the running code stands in, so that a wait that cannot end is
/// refused instead.
///
/// A closure that borrows a connection is marked by a task-local value for its time. The child tasks that it starts see
/// that value in its place; a `Task { }` gets a copy. So a mark in its place proves that the closure cannot end, nor give
/// its connection back, before the running task has ended. A lease from ``Pool/acquire(timeout:priority:file:line:)`` has no
/// mark: any task may give it back.
struct LoanMarks: Sendable {
    /// Of this pool alone.
    let local: TaskLocal<LoanMark>
    /// Loans of different pools never have the same number, even when a pool has taken over the task-local value of another.
    private let base: UInt64

    init() {
        local = Locals.take()
        base = Locals.pools.add(1, ordering: .relaxed).newValue << 40
    }

    /// Lets another pool have the task-local value.
    func free() { Locals.give(local) }

    /// The mark for the connection of a slot, which has been lent.
    func mark(_ slot: Int, in table: SlotTable) -> LoanMark {
        LoanMark(
            slot: slot, number: base &+ table.cell(slot).pointee.leases.load(ordering: .relaxed),
            outer: around(in: table)?.heldSlot ?? -1)
    }

    /// A closure begins, within which the mark is set.
    func begin(_ mark: LoanMark, in table: SlotTable) {
        let cell = table.cell(mark.slot)
        cell.pointee.markPlace.store(UInt(bitPattern: place), ordering: .relaxed)
        cell.pointee.outerSlot.store(mark.outer, ordering: .relaxed)
        cell.pointee.loan.store(mark.number, ordering: .relaxed)
    }

    /// The slots that the closures hold that cannot end before a loan does, the innermost first; each began within the
    /// next.
    func heldSlots(around loan: Loan?, in table: SlotTable) -> [Int] {
        var slots: [Int] = []
        var slot = loan?.heldSlot ?? -1
        while slot >= 0 {
            slots.append(slot)
            slot = table.cell(slot).pointee.outerSlot.load(ordering: .relaxed)
        }
        return slots
    }

    /// The closure has ended.
    func end(_ mark: LoanMark, in table: SlotTable) {
        table.cell(mark.slot).pointee.loan.store(0, ordering: .relaxed)
    }

    /// The loan of the innermost closure that the running code stands in, or whose task has started the running one.
    func around(in table: SlotTable) -> Loan? {
        guard let place else { return nil }
        let mark = place.load(as: LoanMark.self)
        guard table.contains(mark.slot) else { return nil }
        let cell = table.cell(mark.slot)
        guard cell.pointee.loan.load(ordering: .relaxed) == mark.number else { return nil }
        let isInPlace = cell.pointee.markPlace.load(ordering: .relaxed) == UInt(bitPattern: place)
        return Loan(slot: mark.slot, number: mark.number, endsAfterwards: isInPlace)
    }

    /// Where the value lies that the running task sees.
    private var place: UnsafeRawPointer? { findLocal(UnsafeRawPointer(Unmanaged.passUnretained(local).toOpaque())) }
}

/// A connection that is lent to a closure, as code within that closure sees it.
struct Loan {
    let slot: Int
    let number: UInt64
    /// Whether the closure cannot end before that code has.
    let endsAfterwards: Bool

    /// The slot, if the loan cannot end before the code has.
    var heldSlot: Int? { endsAfterwards ? slot : nil }
}

/// The task-local values of all pools. They live for ever: a task may outlive the pool whose mark it has copied.
private enum Locals {
    static let pools = Atomic<UInt64>(0)
    private static let free = PoolLock<[TaskLocal<LoanMark>]>([])
    private static let all = PoolLock<[TaskLocal<LoanMark>]>([])

    static func take() -> TaskLocal<LoanMark> {
        if let local = free.withLock({ $0.popLast() }) { return local }
        let local = TaskLocal(wrappedValue: LoanMark(slot: -1, number: 0, outer: -1))
        all.withLock { $0.append(local) }
        return local
    }

    static func give(_ local: TaskLocal<LoanMark>) { free.withLock { $0.append(local) } }
}

/// What `TaskLocal` itself calls to read: its own methods return the value, and not the place where it lies.
@_silgen_name("swift_task_localValueGet")
private func findLocal(_ key: UnsafeRawPointer) -> UnsafeRawPointer?
