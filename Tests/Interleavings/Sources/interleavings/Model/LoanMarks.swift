/// No closure borrows in these programs, so nothing is marked. The pool's own looks into the runtime's tasks, which know
/// nothing of the program's threads.
struct LoanMarks: Sendable {
    let local = TaskLocal(wrappedValue: LoanMark())

    func free() {}
    func mark(_ slot: Int, in table: SlotTable) -> LoanMark { LoanMark() }
    func begin(_ mark: LoanMark, in table: SlotTable) {}
    func end(_ mark: LoanMark, in table: SlotTable) {}
    func heldSlots(around loan: Loan?, in table: SlotTable) -> [Int] { [] }
    func around(in table: SlotTable) -> Loan? { nil }
}

@usableFromInline
struct LoanMark: Sendable {}

struct Loan {
    let slot: Int
    let number: UInt64
    let endsAfterwards: Bool
    var heldSlot: Int? { slot }
}
