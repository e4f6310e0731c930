import Synchronization
import TestServers
import Testing

@testable import SQLiteBackend

/// The line of calls that wait for a scope, against a plain list that is searched from its start.
@Suite("SQLite calls that wait for a scope")
struct ScopeStackTests {
    /// The rules, with no regard to time.
    struct Reference {
        struct Call {
            let id: UInt64
            let scope: UInt64
            var isWoken = false
        }

        var open: [UInt64] = []
        var calls: [Call] = []

        mutating func admit(_ scope: UInt64, _ id: UInt64?, next: UInt64) -> ScopeStack.Verdict {
            let position = id.flatMap { id in calls.firstIndex { $0.id == id } }
            if id != nil, position == nil { return .ended }
            guard scope == 0 || open.contains(scope) else {
                if let position { calls.remove(at: position) }
                return .ended
            }
            let ahead = calls[..<(position ?? calls.endIndex)].contains { $0.scope == scope }
            if scope == open.last ?? 0, !ahead {
                if let position { calls.remove(at: position) }
                return .run
            }
            guard let position else {
                calls.append(Call(id: next, scope: scope))
                return .wait(next)
            }
            calls[position].isWoken = false
            return .wait(calls[position].id)
        }

        mutating func takeRunnable() -> Set<UInt64> {
            var woken: Set<UInt64> = []
            for (scope, group) in Dictionary(grouping: calls.indices, by: { calls[$0].scope }) {
                let hasEnded = scope != 0 && !open.contains(scope)
                for index in hasEnded ? group[...] : scope == open.last ?? 0 ? group.prefix(1) : [] {
                    if !calls[index].isWoken { woken.insert(calls[index].id) }
                    calls[index].isWoken = true
                }
            }
            return woken
        }
    }

    final class Woken: Sendable {
        let ids = Mutex<Set<UInt64>>([])
    }

    @Test("it decides and wakes as the plain list does", arguments: 0..<100)
    func generated(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var (stack, reference) = (ScopeStack(), Reference())
        let woken = Woken()
        var (next, ids): (UInt64, [(id: UInt64, scope: UInt64)]) = (1, [])
        for _ in 0..<400 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                let number = stack.nextNumber()
                stack.push(.init(number: number, isReadOnly: false, ownsTransaction: false))
                reference.open.append(number)
            case 1:
                if let number = reference.open.randomElement(using: &random) {
                    stack.pop(number)
                    reference.open.removeAll { $0 >= number }
                }
            case 2:
                if let call = ids.randomElement(using: &random) {
                    _ = stack.remove(call.id)
                    reference.calls.removeAll { $0.id == call.id }
                }
            case 3, 4:
                if let call = ids.randomElement(using: &random) {
                    let verdict = stack.admit(call.scope, waiter: call.id)
                    let expected = reference.admit(call.scope, call.id, next: next)
                    #expect(verdict == expected)
                }
            default:
                let scope = (reference.open + [0, 99_999]).randomElement(using: &random) ?? 0
                let verdict = stack.admit(scope, waiter: nil)
                let expected = reference.admit(scope, nil, next: next)
                #expect(verdict == expected)
                if case .wait(let id) = verdict {
                    ids.append((id, scope))
                    next = id + 1
                }
            }
            for call in reference.calls where !call.isWoken {
                _ = stack.park(call.id) { _ in _ = woken.ids.withLock { $0.insert(call.id) } }
            }
            for resume in stack.takeRunnable() { resume(.tryAgain) }
            let seen = woken.ids.withLock { $0 }
            woken.ids.withLock { $0 = [] }
            let expected = reference.takeRunnable()
            #expect(seen == expected)
            #expect(stack.hasWaiters == !reference.calls.isEmpty)
        }
    }

    @Test("many waiting calls cost each no more than few")
    func linear() {
        func time(_ count: Int) -> Duration {
            ContinuousClock().measure {
                var stack = ScopeStack()
                let scope = stack.nextNumber()
                stack.push(.init(number: scope, isReadOnly: false, ownsTransaction: false))
                for _ in 0..<count { _ = stack.admit(0, waiter: nil) }
                stack.pop(scope)
                for id in 1...UInt64(count) {
                    _ = stack.takeRunnable()
                    _ = stack.admit(0, waiter: id)
                }
                #expect(!stack.hasWaiters)
            }
        }
        let few = time(1000)
        let many = time(32_000)
        // 32 times as many: quadratic, it would be 1,024 times the time.
        #expect(many < few * 200, "\(few), then \(many)")
    }

    @Test("many child tasks with a session each on one connection cost each no more than few")
    func children() async throws {
        try await withDatabase { database in
            func time(_ count: Int) async throws -> Duration {
                try await ContinuousClock().measure {
                    try await database.read { connection in
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for _ in 0..<count {
                                group.addTask {
                                    _ = try await connection.withSession { try $0.query("SELECT 1").count }
                                }
                            }
                            try await group.waitForAll()
                        }
                    }
                }
            }
            _ = try await time(250)
            let few = try await time(250)
            let many = try await time(8000)
            // 32 times as many: quadratic, it would be 1,024 times the time.
            #expect(many < few * 200, "\(few), then \(many)")
        }
    }
}
