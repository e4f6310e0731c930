/// A job and all that is below it.
struct JobFamily {
    let store: any JobStore
    let head: JobID

    /// Those that ended without success; `nil` as long as any is still being cancelled.
    ///
    /// What is completed is not looked below: it needed what it had.
    func failed() async throws -> [JobID]? {
        var ids: [JobID] = []
        var parents = [head]
        while let parent = parents.popLast() {
            var page = JobFilter(states: Self.unfinished, parent: parent, limit: 1000)
            while true {
                let children = try await store.jobs(page)
                for child in children {
                    if child.state.isTerminal { ids.append(child.id) }
                    if child.state == .running, child.cancelRequested { return nil }
                    parents.append(child.id)
                }
                guard children.count == page.limit else { break }
                page.before = children.last?.id
            }
        }
        return ids
    }

    private static let unfinished = Set(JobState.allCases).subtracting([.completed])
}
