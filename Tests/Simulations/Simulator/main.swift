import ConnectionPool
import Glibc

/// What the command line asks for.
struct Options {
    var seed: UInt64?
    var first: UInt64 = 1
    var count: UInt64 = 10_000

    init(_ arguments: [String]) {
        var rest = arguments.dropFirst()
        while let option = rest.popFirst() {
            guard let value = rest.popFirst().flatMap(UInt64.init) else { Self.explain() }
            switch option {
            case "--seed": seed = value
            case "--first": first = value
            case "--count": count = value
            default: Self.explain()
            }
        }
    }

    private static func explain() -> Never {
        print("simulate-pool [--first SEED] [--count NUMBER]   runs so many schedules")
        print("simulate-pool --seed SEED                       runs one, and prints every event")
        exit(64)
    }
}

/// What came of a schedule.
struct Outcome {
    let failure: String?
    let digest: UInt64
    let jobs: Int
    let leases: Int
    let abandoned: Int
}

/// Runs one schedule.
func simulate(_ seed: UInt64, isTraced: Bool = false) -> Outcome {
    Watchdog.watch(seed)
    world = World(seed: seed, isTraced: isTraced)
    world.simulate()
    return Outcome(
        failure: world.failure, digest: world.digest, jobs: world.jobCount, leases: world.oracle.leases,
        abandoned: world.oracle.abandoned)
}

func main() -> Int32 {
    guard Scheduler.install() else {
        print("the runtime has no hook for jobs")
        return 69
    }
    Watchdog.install()
    let options = Options(CommandLine.arguments)
    if let seed = options.seed {
        let outcome = simulate(seed, isTraced: true)
        print(outcome.failure.map { "FAILED: \($0)" } ?? "it holds, after \(outcome.jobs) jobs")
        return outcome.failure == nil ? 0 : 1
    }
    let start = ContinuousClock.now
    var (jobs, leases, abandoned, replayed) = (0, 0, 0, 0)
    for offset in 0..<options.count {
        let seed = options.first + offset
        let outcome = simulate(seed)
        jobs += outcome.jobs
        leases += outcome.leases
        abandoned += outcome.abandoned
        if let failure = outcome.failure {
            print("schedule \(offset + 1) fails: \(failure)\nreplay it with --seed \(seed)")
            return 1
        }
        if offset % 1_000 == 0 {
            replayed += 1
            if simulate(seed).digest != outcome.digest {
                print("schedule \(offset + 1) is another one when it is run again: --seed \(seed)")
                return 1
            }
        }
    }
    print(
        "simulation: \(options.count) schedules from seed \(options.first) hold: \(jobs) jobs, \(leases) leases, "
            + "\(abandoned) calls given up, \(replayed) schedules run twice, \(ContinuousClock.now - start)")
    return 0
}

exit(main())
