import Glibc
import Interleaving

func say(_ line: String) {
    print(line)
    fflush(nil)
}

func leave(_ code: Int32) -> Never { exit(code) }

/// Explores all programs; whether none fails.
func allSucceed(_ effort: Effort) -> Bool {
    var (schedules, deepest) = (0, 0)
    for program in Program.all {
        var outcome = scheduler.explore(effort.complete, program.run)
        var extent = "all"
        if outcome.failure == nil, !outcome.isComplete {
            let tried = outcome.schedules
            outcome = scheduler.explore(effort.bounded, program.run)
            extent = "\(tried), and all with up to \(effort.bounded.preemptions ?? 0) preemptions:"
        }
        schedules += outcome.schedules
        deepest = max(deepest, outcome.deepest)
        say("\(program.name): \(extent) \(outcome.schedules) schedules, deepest \(outcome.deepest)")
        if outcome.failure != nil {
            tell(outcome)
            return false
        }
    }
    say("interleavings: \(Program.all.count) programs, \(schedules) schedules, deepest \(deepest): none fails")
    return true
}

/// Whether each ordering that the pool's sources ask for has a verdict below, and each verdict an ordering.
func allOrderingsAreJudged() -> Bool {
    var judged: Set<Site> = []
    for mutation in Mutation.all { if case .weaken(let sites) = mutation.change { judged.formUnion(sites) } }
    for site in weakening.met.subtracting(judged) { say("error: no mutation weakens \(site)") }
    for site in judged.subtracting(weakening.met) { say("error: no program meets \(site)") }
    return weakening.met == judged
}

/// Tries each mutation in a process of its own, which it may crash; whether all come to the verdicts they are to have.
func allMutationsAreJudged(_ isLong: Bool) -> Bool {
    var wrong = 0
    for (number, mutation) in Mutation.all.enumerated() {
        let code = runSelf((isLong ? ["--long"] : []) + ["--mutation", "\(number)"])
        let isFound = code != 0
        switch mutation.verdict {
        case .found where isFound: break
        case .harmless where code == 0: break
        default:
            wrong += 1
            say("error: this mutation was \(isFound ? "found, which was to be harmless" : "not found")")
        }
    }
    let harmless = Mutation.all.count { if case .harmless = $0.verdict { true } else { false } }
    say(
        "interleavings: \(Mutation.all.count) mutations, \(harmless) of them harmless: \(wrong) with another verdict than expected"
    )
    return wrong == 0
}

/// Explores the programs with a mutation; whether one fails.
func tries(_ mutation: Mutation, _ effort: Effort) -> Bool {
    mutation.apply()
    switch mutation.verdict {
    case .found(let name):
        for program in Program.all where program.name == name {
            let outcome = scheduler.explore(effort.complete, program.run)
            guard outcome.failure != nil else { continue }
            say("found: \(mutation.name): in “\(name)”, schedule \(outcome.schedules)")
            tell(outcome)
            return true
        }
        say("missed: \(mutation.name): in “\(name)”")
    case .harmless(let reason):
        for program in Program.all {
            let outcome = scheduler.explore(effort.harmless, program.run)
            guard outcome.failure != nil else { continue }
            say("found: \(mutation.name): in “\(program.name)”, schedule \(outcome.schedules)")
            tell(outcome)
            return true
        }
        say("harmless: \(mutation.name): \(reason)")
    }
    return false
}

private func tell(_ outcome: Outcome) {
    say("    \(outcome.failure ?? "")")
    for line in outcome.schedule { say("      \(line)") }
}

/// Runs this program with other arguments; returns its exit code, or -1 when a signal ended it.
private func runSelf(_ arguments: [String]) -> Int32 {
    let words = (["/proc/self/exe"] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    var child = pid_t()
    var code: Int32 = 0
    guard posix_spawn(&child, "/proc/self/exe", nil, nil, words + [nil], environ) == 0,
        waitpid(child, &code, 0) == child
    else {
        say("error: cannot run a process for a mutation")
        leave(2)
    }
    return code & 0x7F == 0 ? code >> 8 & 0xFF : -1
}
