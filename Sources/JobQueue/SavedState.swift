/// What the runs of a job leave to the next one: a checkpoint, and the results of steps by their names.
package struct SavedState: Sendable, Hashable {
    package var checkpoint: [UInt8]?
    package var steps: [String: [UInt8]] = [:]

    /// JSON begins with no zero.
    private static let marker: [UInt8] = [0] + Array("steps".utf8)

    private struct Form: Codable {
        var checkpoint: String?
        var steps: [String: String]
    }

    package init() {}

    /// Reads what ``encoded()`` has written, or a checkpoint without steps.
    init(_ bytes: [UInt8]) throws {
        guard bytes.starts(with: Self.marker) else {
            checkpoint = bytes
            return
        }
        // Results are JSON, which is UTF-8.
        let form = try JobCoding.decode(Form.self, from: Array(bytes.dropFirst(Self.marker.count)))
        checkpoint = form.checkpoint.map { Array($0.utf8) }
        steps = form.steps.mapValues { Array($0.utf8) }
    }

    /// The checkpoint as it is where there are no steps, so that older workers read it.
    func encoded() throws -> [UInt8]? {
        guard !steps.isEmpty else { return checkpoint }
        return Self.marker
            + (try JobCoding.encode(
                Form(
                    checkpoint: checkpoint.map { String(decoding: $0, as: UTF8.self) },
                    steps: steps.mapValues { String(decoding: $0, as: UTF8.self) })))
    }
}

/// The saved state of a running job, which one call at a time changes.
final class RunMemory: Sendable {
    private struct State {
        var saved: SavedState?
        var uncertain: Set<String> = []
    }

    private let state = Lock(State())
    private let turn = Turn()

    /// What is saved; `read` is called once.
    func saved(_ read: () throws -> SavedState) throws -> SavedState {
        if let known = state.with({ $0.saved }) { return known }
        let first = try read()
        return state.with { state in
            let known = state.saved ?? first
            state.saved = known
            return known
        }
    }

    /// Changes what is saved, and keeps the change when `store` has returned.
    func update<Result>(
        _ read: () throws -> SavedState, _ store: nonisolated(nonsending) (inout SavedState) async throws -> Result
    ) async throws -> Result {
        await turn.take()
        defer { turn.end() }
        var next = try saved(read)
        let result = try await store(&next)
        state.with { $0.saved = next }
        return result
    }

    /// It is not known whether a step's transaction was committed.
    func markUncertain(_ step: String) { state.with { _ = $0.uncertain.insert(step) } }

    func isUncertain(_ step: String) -> Bool { state.with { $0.uncertain.contains(step) } }
}

/// The result of a step on its way into the store.
package final class StepRecord: Sendable {
    private let name: String
    private let before: SavedState
    private let form: @Sendable (SavedState) throws -> [UInt8]
    private let after = Lock<SavedState?>(nil)

    init(_ name: String, after state: SavedState, form: @escaping @Sendable (SavedState) throws -> [UInt8]) {
        self.name = name
        before = state
        self.form = form
    }

    /// The bytes to store for the job, now that the step has this result.
    package func stored(_ result: some Encodable) throws -> [UInt8] {
        var next = before
        next.steps[name] = try JobCoding.encode(result)
        let bytes = try form(next)
        after.with { $0 = next }
        return bytes
    }

    /// What is saved once the step is committed; `nil` until its body is done.
    var state: SavedState? { after.with { $0 } }
}
