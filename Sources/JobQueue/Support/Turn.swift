/// One after the other, in the order of their coming. Who waits is not cancelled: a turn is taken for a call of a store.
final class Turn: Sendable {
    private struct State {
        var isTaken = false
        var waiting = Fifo<CheckedContinuation<Void, Never>>()
    }

    private let state = Lock(State())

    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.with { state in
                if state.isTaken { state.waiting.append(continuation) }
                defer { state.isTaken = true }
                return !state.isTaken
            }
            if isFree { continuation.resume() }
        }
    }

    func end() {
        let next = state.with { state in
            let next = state.waiting.popFirst()
            if next == nil { state.isTaken = false }
            return next
        }
        next?.resume()
    }
}
