import JobQueue

/// Texts that are kept as a job's error.
enum JobReasons {
    static func dependency(id: JobID, kind: String, state: JobState, error: String?) -> String {
        ("\(kind) \(id), which it waits for, is \(state.rawValue)" + (error.map { ": \($0)" } ?? "")).storable
    }
}
