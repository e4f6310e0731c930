/// What is held against a job: a worker's process may have died of it.
///
/// When a worker is lost, each job that it ran comes under suspicion, though one at most has done it. Workers therefore run
/// suspected jobs a few at a time, and one that a further loss would end alone: no job is given up for poisonous because of its
/// neighbours. An attempt that ends in any other way clears it.
public enum JobSuspicion: Int, Sendable, Hashable, CaseIterable {
    /// No worker was lost since its last attempt ended.
    case clear
    /// A worker was lost that ran it.
    case suspected
    /// The next loss ends it.
    case lastChance

    /// The suspicion against a job that has been rescued so often.
    package init(rescues: Int, maxRescues: Int) {
        self = rescues == 0 ? .clear : rescues + 1 < maxRescues ? .suspected : .lastChance
    }
}
