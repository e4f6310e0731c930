/// The calls that wait for their scope's turn, as a pure value: first come, first served within each scope. Each operation
/// takes constant time on average, however many wait.
struct WaitingCalls {
    private struct Call {
        let scope: UInt64
        /// Whether it was told to try again. It keeps its position until it has.
        var isWoken = false
        var resume: ScopeStack.Resume?
    }

    /// The calls of one scope in the order of their arrival.
    private struct Line {
        /// Those that have left are skipped when they come first.
        var ids: [UInt64] = []
        var head = 0
        /// How many of them wait still.
        var count = 0
    }

    private var calls: [UInt64: Call] = [:]
    private var lines: [UInt64: Line] = [:]
    private var last: UInt64 = 0

    var isEmpty: Bool { calls.isEmpty }

    func contains(_ id: UInt64) -> Bool { calls[id] != nil }

    /// Adds a call at the end of its scope's line, and returns its number.
    mutating func append(_ scope: UInt64) -> UInt64 {
        last += 1
        calls[last] = Call(scope: scope)
        lines[scope, default: Line()].ids.append(last)
        lines[scope, default: Line()].count += 1
        return last
    }

    /// The first call of a scope.
    mutating func first(of scope: UInt64) -> UInt64? {
        guard let line = lines[scope] else { return nil }
        var head = line.head
        while head < line.ids.count, calls[line.ids[head]] == nil { head += 1 }
        if head != line.head { lines[scope]?.head = head }
        return head < line.ids.count ? line.ids[head] : nil
    }

    /// Takes a call out.
    /// - Returns: What resumes it, when it is parked.
    @discardableResult
    mutating func remove(_ id: UInt64) -> ScopeStack.Resume? {
        guard let call = calls.removeValue(forKey: id) else { return nil }
        guard let index = lines.index(forKey: call.scope) else { return call.resume }
        lines.values[index].count -= 1
        let count = lines.values[index].count
        if count == 0 {
            lines.remove(at: index)
        } else if lines.values[index].ids.count > 2 * count + 16 {
            let calls = calls
            lines.values[index].ids.removeAll { calls[$0] == nil }
            lines.values[index].head = 0
        }
        return call.resume
    }

    /// Takes all calls out.
    /// - Returns: What resumes those that are parked, in the order of their arrival.
    mutating func removeAll() -> [ScopeStack.Resume] {
        defer { (calls, lines) = ([:], [:]) }
        return calls.sorted { $0.key < $1.key }.compactMap(\.value.resume)
    }

    /// A call was tried and must wait again.
    mutating func waitAgain(_ id: UInt64) { calls[id]?.isWoken = false }

    /// Stores what resumes a call, or returns `false` when it is to be tried at once.
    mutating func park(_ id: UInt64, _ resume: @escaping ScopeStack.Resume) -> Bool {
        guard let call = calls[id], !call.isWoken else { return false }
        calls[id]?.resume = resume
        return true
    }

    /// Has a call try again, once.
    /// - Returns: What resumes it, when it is parked.
    mutating func wake(_ id: UInt64) -> ScopeStack.Resume? {
        guard let call = calls[id], !call.isWoken else { return nil }
        calls[id]?.isWoken = true
        calls[id]?.resume = nil
        return call.resume
    }

    /// Has all calls of a scope that has ended try again.
    /// - Returns: What resumes those that are parked.
    mutating func wakeAll(of scope: UInt64) -> [ScopeStack.Resume] {
        guard let line = lines[scope] else { return [] }
        return line.ids[line.head...].compactMap { wake($0) }
    }
}
