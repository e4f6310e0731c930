/// The runs of a worker that go on, and those among them that wait for a task to carry them out.
struct LiveRuns {
    /// By their place in ``WorkerState/running``: a run leaves this table before its place is free for another.
    private var live: [LiveRun?] = []
    private var waiting = Fifo<LiveRun>()
    /// Whether a task has been made that has not begun. While any run waits, there is one.
    private var isRunnerComing = false

    var all: [LiveRun] { live.compactMap(\.self) }

    /// Takes in runs that are to begin. Returns whether a task must be made for them.
    mutating func add(_ runs: [LiveRun]) -> Bool {
        for run in runs {
            while live.count <= run.place { live.append(nil) }
            live[run.place] = run
            waiting.append(run)
        }
        defer { isRunnerComing = true }
        return !isRunnerComing
    }

    /// The first run for a task that has just begun, and whether another task must be made for those behind it.
    mutating func first() -> (run: LiveRun?, mustCall: Bool) {
        let run = waiting.popFirst()
        isRunnerComing = !waiting.isEmpty
        return (run, isRunnerComing)
    }

    /// The next run for a task that has carried out another.
    mutating func next() -> LiveRun? { waiting.popFirst() }

    /// Returns whether the run was there: whoever removes it decides how it ended.
    @discardableResult
    mutating func remove(_ run: LiveRun) -> Bool {
        guard live.indices.contains(run.place), live[run.place] === run else { return false }
        live[run.place] = nil
        return true
    }

    mutating func removeAll() -> [LiveRun] {
        defer { (live, waiting) = ([], Fifo()) }
        return all
    }
}
