import TestServers
import Testing

@testable import PostgresBackend

/// The queue against a list that is searched from its start.
@Suite("The turn of a session, against a model") struct TurnQueueTests {
    /// Stands for a session, of which a scope keeps the identity alone.

    private struct Model {
        var queue = TurnQueue()
        var holder: TurnQueue.Waiter?
        var line: [TurnQueue.Waiter] = []
        var scopes: [TransactionScope] = []
        var served = 0

        func admits(_ scope: TransactionScope?) -> Bool { scopes.isEmpty || scopes.last === scope }

        /// What the queue returned as the next holder must be the first in the line that is admitted.
        mutating func expect(next: TurnQueue.Waiter?) {
            let index = line.firstIndex { admits($0.scope) }
            #expect(next === index.map { line[$0] })
            if let index { line.remove(at: index) }
            holder = next
            if next != nil { served += 1 }
        }

        mutating func check() {
            #expect(queue.isTaken == (holder != nil))
            #expect(queue.isFree == (holder == nil))
            #expect(queue.scope === scopes.last)
            // Nobody who could run waits while nobody runs.
            if holder == nil { #expect(!line.contains { admits($0.scope) }) }
        }
    }

    @Test(arguments: 0..<300) func `one at a time, the innermost scope's, first come first served`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func scope(_ parent: TransactionScope?) -> TransactionScope {
            TransactionScope(session: 1, parent: parent)
        }
        var model = Model()
        var closed: [TransactionScope?] = [nil, scope(nil)]
        var arrived = 0
        var removed = 0
        for _ in 0..<400 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let all = model.scopes + closed
                let waiter = TurnQueue.Waiter(scope: all.randomElement(using: &random) ?? nil)
                arrived += 1
                let isExpected = model.holder == nil && model.admits(waiter.scope)
                let isTaken = model.queue.take(waiter.scope)
                #expect(isTaken == isExpected)
                if isExpected {
                    model.holder = waiter
                    model.served += 1
                } else {
                    model.queue.enqueue(waiter)
                    model.line.append(waiter)
                }
            case 4..<7:
                guard model.holder != nil else { continue }
                model.queue.isPaused = Bool.random(using: &random)
                let next = model.queue.pass()
                #expect(!model.queue.isPaused)
                model.holder = nil
                model.expect(next: next)
            case 7:
                // The holder opens a scope, which its own scope encloses.
                guard let holder = model.holder, model.scopes.isEmpty || holder.scope === model.scopes.last else {
                    continue
                }
                let inner = scope(model.scopes.last)
                model.queue.open(inner)
                model.scopes.append(inner)
            case 8:
                guard let outer = model.scopes.randomElement(using: &random),
                    let index = model.scopes.firstIndex(where: { $0 === outer })
                else { continue }
                let next = model.queue.close(outer)
                closed += model.scopes[index...].map { $0 }
                model.scopes.removeSubrange(index...)
                if model.holder == nil { model.expect(next: next) } else { #expect(next == nil) }
            default:
                let stranger = TurnQueue.Waiter(scope: nil)
                let wasThere = model.queue.remove(stranger)
                #expect(!wasThere)
                guard let waiter = model.line.randomElement(using: &random) else { continue }
                let first = model.queue.remove(waiter)
                let second = model.queue.remove(waiter)
                #expect(first && !second)
                model.line.removeAll { $0 === waiter }
                removed += 1
            }
            model.check()
        }
        // A scope that is not open, or no longer, closes nothing.
        _ = model.queue.close(scope(nil))
        while let outermost = model.scopes.first {
            let next = model.queue.close(outermost)
            model.scopes = []
            if model.holder == nil { model.expect(next: next) }
        }
        while model.holder != nil {
            let next = model.queue.pass()
            model.holder = nil
            model.expect(next: next)
        }
        #expect(model.line.isEmpty)
        #expect(model.served + removed == arrived)
        let left = model.queue.removeAll()
        #expect(left.isEmpty)
    }

    @Test func `those who wait when the session ends are returned in their order`() {
        var queue = TurnQueue()
        let isTaken = queue.take(nil)
        #expect(isTaken)
        let waiters = (0..<5).map { _ in TurnQueue.Waiter(scope: nil) }
        for waiter in waiters { queue.enqueue(waiter) }
        let left = queue.removeAll()
        #expect(left.map { ObjectIdentifier($0) } == waiters.map { ObjectIdentifier($0) })
        let next = queue.pass()
        #expect(next == nil)
    }
}
