/// Which jobs may run beside which others in one worker: suspected ones a few at a time, and one that has its last chance alone.
///
/// Of `n` jobs that ran when a worker was lost, the guilty one is thus found by two more losses as long as `n` is not above the
/// square of ``company``, and no innocent one is given up for it.
struct Quarantine {
    /// How many suspected jobs may run at a time: the square root of the worker's slots, rounded up.
    let company: Int
    /// How long a busy worker lets a job with its last chance wait before it claims nothing else until it is idle. Differs from
    /// worker to worker, so that one makes room and the others work on.
    let patience: Duration
    /// The queues that may have suspected jobs, and jobs with their last chance.
    private(set) var suspected: Set<String> = []
    private(set) var lastChances: Set<String> = []
    /// Since when there have been jobs with their last chance.
    private var since: Duration?
    private var isMakingRoom = false
    /// Asked for, or claimed and not ended.
    private var suspectedHere = 0
    private var lastChancesHere = 0

    init(slots: Int, patience: Duration = .seconds(Int.random(in: 10...40))) {
        company = Int(Double(max(1, slots)).squareRoot().rounded(.up))
        self.patience = patience
    }

    /// The store has told where suspected jobs are ready.
    mutating func heard(_ report: MaintenanceReport, serving queues: Set<String>, now: Duration) {
        suspected = report.suspected.intersection(queues)
        lastChances = report.lastChances.intersection(queues)
        let first = since ?? now
        since = lastChances.isEmpty ? nil : first
        isMakingRoom = !lastChances.isEmpty && now - first >= patience
    }

    /// Whether other jobs may be asked for: not beside one that has its last chance, and not while room is made for one.
    var admitsOthers: Bool { lastChancesHere == 0 && !isMakingRoom }

    /// The queue to ask for a job with its last chance, if the worker is idle.
    func lastChance(isIdle: Bool) -> String? { isIdle && lastChancesHere == 0 ? lastChances.min() : nil }

    /// How many more suspected jobs may run.
    var free: Int { max(0, company - suspectedHere) }

    mutating func took(_ count: Int, _ suspicion: JobSuspicion) { change(count, suspicion) }

    mutating func gaveBack(_ count: Int, _ suspicion: JobSuspicion) { change(-count, suspicion) }

    private mutating func change(_ count: Int, _ suspicion: JobSuspicion) {
        switch suspicion {
        case .clear: break
        case .suspected: suspectedHere += count
        case .lastChance: lastChancesHere += count
        }
    }

    /// A queue had fewer such jobs than were asked for.
    mutating func cameShort(_ queue: String, _ suspicion: JobSuspicion) {
        switch suspicion {
        case .clear: break
        case .suspected: suspected.remove(queue)
        case .lastChance:
            lastChances.remove(queue)
            if lastChances.isEmpty {
                since = nil
                isMakingRoom = false
            }
        }
    }
}
