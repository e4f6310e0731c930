import CRaces
import Glibc

/// Something that a thread waits for: a lock while it is held, a continuation until it is resumed.
// Used by the thread that runs.
public final class Gate: @unchecked Sendable {
    public fileprivate(set) var isOpen: Bool
    fileprivate let location: Int
    fileprivate var released = View()

    public init(isOpen: Bool) {
        self.isOpen = isOpen
        location = scheduler.memory.makeLocation()
    }
}

/// Runs the threads of a program, one at a time. A thread gives another the chance to go on before each operation that the
/// other could notice.
///
/// Each is a thread of the system, because the tasks of a program need a stack; all share one processor, so that one
/// hands over to another without waking a second one.
public final class Scheduler {
    private struct Thread {
        var isFinished = false
        var pending = Operation.start
        var gate: Gate?

        var isEnabled: Bool { !isFinished && gate?.isOpen != false }
    }

    let memory = Memory()
    private(set) var explorer = Explorer(Limits(preemptions: 0))
    private var threads: [Thread] = []
    private var workers: [Worker] = []
    /// Thread 0 sets the program up and looks at what has come of it.
    public private(set) var current = 0
    /// Whether the program runs: before and after there is nothing to choose.
    private var isConcurrent = false
    private var deferred: [() -> Void] = []
    private var steps: [Step] = []
    private(set) var failure: String?
    private let finished = Semaphore()

    struct Step {
        let thread: Int
        let caller: StaticString
        let name: StaticString
    }

    private var most: Int { Int(RACES_THREADS) }

    // MARK: Schedules

    /// Runs all schedules of a program within the limits; stops at the first that fails.
    public func explore(_ limits: Limits, _ program: () -> Void) -> Outcome {
        explorer = Explorer(limits)
        var count = 0
        repeat {
            // No failure, but no proof either.
            if count >= limits.schedules {
                return Outcome(schedules: count, deepest: explorer.deepest, isComplete: false)
            }
            begin()
            program()
            count += 1
            races_track(false)
            if failure == nil { judgeRaces() }
            if let failure {
                return Outcome(
                    schedules: count, deepest: explorer.deepest, isComplete: false, failure: failure, schedule: schedule
                )
            }
        } while explorer.advance()
        return Outcome(schedules: count, deepest: explorer.deepest, isComplete: true)
    }

    public init() { races_stay_on_this_processor() }

    private func begin() {
        memory.begin()
        explorer.begin()
        races_reset()
        threads = [Thread()]
        deferred = []
        steps.removeAll(keepingCapacity: true)
        races_step(0)
        failure = nil
    }

    /// Runs what the set-up has spawned.
    public func settle() {
        while !deferred.isEmpty { deferred.removeFirst()() }
    }

    /// Runs the bodies as threads to their ends, together with what they spawn; `false` when that has failed. Of the thread
    /// that sets up.
    public func run(_ bodies: [() -> Void]) -> Bool {
        isConcurrent = true
        for body in bodies { spawn(body) }
        races_track(true)
        handOver()
        finished.wait()
        races_track(false)
        isConcurrent = false
        current = 0
        for thread in 1..<threads.count { memory.acquire(0, memory.release(thread)) }
        return failure == nil
    }

    /// Starts one more thread; before the program runs, puts it off until the program is set up.
    public func spawn(_ body: @escaping () -> Void) {
        guard isConcurrent else { return deferred.append(body) }
        let thread = threads.count
        precondition(thread < most, "too many threads")
        threads.append(Thread())
        memory.acquire(thread, memory.release(current))
        explorer.spawns(current, thread)
        while workers.count < thread { workers.append(Worker(number: workers.count + 1)) }
        workers[thread - 1].body = body
    }

    /// Ends the schedule: the program is wrong.
    public func fail(_ message: String) {
        if failure == nil { failure = message }
        guard isConcurrent, current != 0 else { return }
        stop()
    }

    /// Ends the schedule from within a thread, which stays where it is: nothing can be gone on with.
    private func stop() -> Never {
        finished.signal()
        while true { pause() }
    }

    // MARK: Points

    /// Lets the explorer choose who goes on, before the current thread does an operation.
    func point(_ operation: Operation, _ caller: StaticString, _ name: StaticString, gate: Gate? = nil) {
        guard isConcurrent else { return }
        let thread = current
        if steps.count > 20_000 { fail("the program does not end") }
        threads[thread].pending = operation
        threads[thread].gate = gate
        handOver()
        threads[thread].gate = nil
        steps.append(Step(thread: thread, caller: caller, name: name))
        races_step(Int32(steps.count))
        explorer.executes(thread, operation)
    }

    /// Waits until the gate is open.
    public func pass(_ gate: Gate, closing: Bool, _ caller: StaticString, _ name: StaticString) {
        point(Operation(location: gate.location, isWrite: true), caller, name, gate: gate)
        precondition(gate.isOpen, "a thread of the set-up would wait for ever")
        memory.acquire(current, gate.released)
        if closing { gate.isOpen = false }
    }

    /// Opens a gate. No point: whatever another thread does before this, it could do before the last operation of this one.
    public func open(_ gate: Gate) {
        gate.released = memory.release(current)
        explorer.orders(current, before: gate.location)
        gate.isOpen = true
    }

    /// The current thread has come to its end.
    fileprivate func finish() {
        threads[current].isFinished = true
        handOver()
    }

    private func handOver() {
        let thread = current
        var enabled: UInt8 = 0
        for other in 1..<threads.count where threads[other].isEnabled { enabled |= 1 << other }
        if enabled == 0 {
            if threads.dropFirst().contains(where: { !$0.isFinished }) { failure = "threads wait for ever: \(waiting)" }
            guard threads[thread].isFinished else { stop() }
            return finished.signal()
        }
        let next = explorer.next(enabled: enabled, current: thread, pending: operations)
        if next == thread { return }
        current = next
        let worker = workers[next - 1]
        races_switch(Int32(next), worker.stack.low, worker.stack.high)
        let goesOn = thread != 0 && !threads[thread].isFinished
        worker.semaphore.signal()
        if goesOn { workers[thread - 1].semaphore.wait() }
    }

    private var operations: [Operation] {
        var result = threads.map(\.pending)
        while result.count < most { result.append(.start) }
        return result
    }

    // MARK: Reports

    private var waiting: String {
        threads.indices.dropFirst().filter { !threads[$0].isFinished }.map { "thread \($0)" }.joined(separator: ", ")
    }

    private func judgeRaces() {
        let race = races_first()
        guard race.found else { return }
        failure =
            "data race: thread \(race.thread) \(race.is_write ? "writes" : "reads") after \(describe(race.step)) what thread "
            + "\(race.other) has used after \(describe(race.other_step)), and nothing orders the two"
    }

    private func describe(_ step: Int32) -> String {
        step == 0 ? "its start" : "\(steps[Int(step) - 1].caller) \(steps[Int(step) - 1].name)"
    }

    /// The steps, those of one thread that follow each other in one line.
    private var schedule: [String] {
        var lines: [(thread: Int, text: String)] = []
        for step in steps {
            let text = "\(step.caller) \(step.name)"
            if lines.last?.thread == step.thread {
                lines[lines.count - 1].text += ", \(text)"
            } else {
                lines.append((step.thread, text))
            }
        }
        return lines.map { "thread \($0.thread): \($0.text)" }
    }
}

/// What exploring a program has come to.
public struct Outcome: Sendable {
    public var schedules: Int
    public var deepest: Int
    /// Whether all schedules within the limits were tried.
    public var isComplete: Bool
    public var failure: String?
    public var schedule: [String] = []
}

/// The one scheduler; one thread at a time uses it.
nonisolated(unsafe) public let scheduler = Scheduler()

/// A thread of the system that runs one thread of a schedule after another.
private final class Worker: @unchecked Sendable {
    let semaphore = Semaphore()
    var body: (() -> Void)?
    private(set) var stack: (low: UInt, high: UInt) = (0, 0)

    init(number: Int) {
        let started = Semaphore()
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Start(worker: self, started: started))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Start>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        precondition(code == 0, "no thread \(number) to be had")
        started.wait()
    }

    /// Runs the body and lets go of what it holds, as a part of the schedule.
    @inline(never)
    private func runBody() {
        body?()
        body = nil
    }

    private final class Start {
        let worker: Worker
        let started: Semaphore

        init(worker: Worker, started: Semaphore) {
            self.worker = worker
            self.started = started
        }

        func run() {
            var (low, high): (UInt, UInt) = (0, 0)
            races_stack(&low, &high)
            worker.stack = (low, high)
            started.signal()
            while true {
                worker.semaphore.wait()
                worker.runBody()
                scheduler.finish()
            }
        }
    }
}

private final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    func signal() { sem_post(semaphore) }

    func wait() { while sem_wait(semaphore) != 0 {} }
}
