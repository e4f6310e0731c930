import Interleaving

/// How far programs are explored.
struct Effort: Sendable {
    /// First all schedules that differ, if they are not more than these.
    let complete: Limits
    /// Else those with so few preemptions.
    let bounded: Limits
    /// For a mutation that is to be harmless.
    let harmless: Limits

    static let short = Effort(
        complete: Limits(preemptions: nil, schedules: 14_000), bounded: Limits(preemptions: 1),
        harmless: Limits(preemptions: nil, schedules: 500))
    static let long = Effort(
        complete: Limits(preemptions: nil, surprises: 2, schedules: 200_000), bounded: Limits(preemptions: 2),
        harmless: Limits(preemptions: nil, schedules: 14_000))
}
