/// What a thread is about to do, as far as others are concerned.
struct Operation: Equatable {
    /// The atomic, lock or continuation; -1 for none.
    var location: Int
    var isWrite: Bool

    static let start = Operation(location: -1, isWrite: false)

    /// Whether the order of two operations matters.
    func conflicts(with other: Operation) -> Bool {
        location >= 0 && location == other.location && (isWrite || other.isWrite)
    }
}

/// How far the explorer goes.
public struct Limits: Sendable {
    /// How often a thread that could go on makes way for another. `nil`: as often as matters, with partial-order reduction.
    public var preemptions: Int?
    /// How many surprises a schedule may hold: loads that return an older value, and weak compare-exchanges that fail
    /// without reason.
    public var surprises: Int
    public var schedules: Int

    public init(preemptions: Int?, surprises: Int = 1, schedules: Int = .max) {
        self.preemptions = preemptions
        self.surprises = surprises
        self.schedules = schedules
    }
}

/// Goes through the schedules of a program depth first: replays the choices of the last one and changes the last that
/// can be changed.
///
/// Without a bound of preemptions it tries, of all orders of operations that do not depend on each other, only one:
/// dynamic partial-order reduction (Flanagan and Godefroid, POPL 2005) with sleep sets (Godefroid 1996). With one it tries
/// every schedule within the bound (Musuvathi and Qadeer, PLDI 2007).
final class Explorer {
    typealias Clock = SIMD8<Int32>

    /// Which thread goes on. Sets of threads are bit masks.
    struct Node {
        let enabled: UInt8
        let pending: [Operation]
        let sleep: UInt8
        var chosen: Int
        var todo: UInt8
        var done: UInt8 = 0
    }

    enum Choice {
        case thread(Node)
        case value(chosen: Int, of: Int)
    }

    /// What has been done at a location in this schedule. Nodes are indices of ``path``, -1 for none.
    private struct History {
        var writer = 0
        var writeNode: Int32 = -1
        var readNodes = Clock(repeating: -1)
        var afterWrites = Clock(repeating: -1)
        var afterReads = Clock(repeating: -1)
    }

    let limits: Limits
    private(set) var path: [Choice] = []
    private var depth = 0
    private var sleep: UInt8 = 0
    private var preemptions = 0
    private var surprises = 0
    /// Another schedule has shown already what the rest of this one would.
    private(set) var isRedundant = false
    private(set) var deepest = 0
    private var node: Int32 = -1
    private var histories: [History] = []
    /// The last node of each thread that is ordered before a thread's next operation.
    private var clocks = Array(repeating: Clock(repeating: -1), count: 8)

    init(_ limits: Limits) { self.limits = limits }

    private var reduces: Bool { limits.preemptions == nil }

    func begin() {
        (depth, sleep, preemptions, surprises, node) = (0, 0, 0, 0, -1)
        isRedundant = false
        histories.removeAll(keepingCapacity: true)
        for thread in clocks.indices { clocks[thread] = Clock(repeating: -1) }
    }

    /// Goes to the next schedule; `false` when there is none.
    func advance() -> Bool {
        deepest = max(deepest, path.count)
        while let last = path.popLast() {
            switch last {
            case .value(let chosen, let count):
                if chosen + 1 < count {
                    path.append(.value(chosen: chosen + 1, of: count))
                    return true
                }
            case .thread(var node):
                node.done |= 1 << node.chosen
                let rest = node.todo & ~node.done & ~node.sleep
                if rest != 0 {
                    node.chosen = rest.trailingZeroBitCount
                    path.append(.thread(node))
                    return true
                }
            }
        }
        return false
    }

    /// Which of the enabled threads goes on.
    func next(enabled: UInt8, current: Int, pending: @autoclosure () -> [Operation]) -> Int {
        let stays = enabled & (1 << current) != 0
        if isRedundant { return stays ? current : enabled.trailingZeroBitCount }
        let chosen: Int
        if depth < path.count {
            guard case .thread(let known) = path[depth], known.enabled == enabled else { fatalError("not repeatable") }
            chosen = known.chosen
        } else {
            let awake = enabled & ~sleep
            if awake == 0 {
                isRedundant = true
                return stays ? current : enabled.trailingZeroBitCount
            }
            chosen = awake & (1 << current) != 0 ? current : awake.trailingZeroBitCount
            var todo: UInt8 = 1 << chosen
            if let bound = limits.preemptions, !stays || preemptions < bound { todo = enabled }
            path.append(
                .thread(Node(enabled: enabled, pending: pending(), sleep: sleep, chosen: chosen, todo: todo)))
        }
        if stays, chosen != current { preemptions += 1 }
        if reduces, case .thread(let here) = path[depth] {
            sleep = 0
            for thread in 0..<8 where (here.sleep | here.done) & (1 << thread) != 0 && thread != chosen {
                if !here.pending[thread].conflicts(with: here.pending[chosen]) { sleep |= 1 << thread }
            }
        }
        node = Int32(depth)
        depth += 1
        return chosen
    }

    /// Which of so many outcomes an operation has.
    private func value(of count: Int) -> Int {
        if isRedundant { return 0 }
        defer { depth += 1 }
        if depth < path.count {
            guard case .value(let chosen, count) = path[depth] else { fatalError("not repeatable") }
            return chosen
        }
        path.append(.value(chosen: 0, of: count))
        return 0
    }

    /// How old a value a load returns that could return so many: 0 for the newest.
    func age(of count: Int) -> Int {
        guard count > 1, surprises < limits.surprises else { return 0 }
        let chosen = value(of: count)
        if chosen > 0 { surprises += 1 }
        return chosen
    }

    /// Whether a weak compare-exchange fails although the values are equal.
    func failsSpuriously() -> Bool {
        guard surprises < limits.surprises, value(of: 2) == 1 else { return false }
        surprises += 1
        return true
    }

    // MARK: Partial-order reduction

    /// A thread does an operation. Where an earlier one conflicts that is not ordered before it, the other order is tried as
    /// well.
    func executes(_ thread: Int, _ operation: Operation) {
        guard reduces, operation.location >= 0 else { return }
        reserve(operation.location)
        let history = histories[operation.location]
        if history.writer != thread, history.writeNode > clocks[thread][history.writer] {
            reverse(thread, at: Int(history.writeNode))
        }
        if operation.isWrite {
            for other in 0..<8 where other != thread && history.readNodes[other] > clocks[thread][other] {
                reverse(thread, at: Int(history.readNodes[other]))
            }
        }
        clocks[thread][thread] = node
        clocks[thread] = max(clocks[thread], history.afterWrites)
        if operation.isWrite {
            clocks[thread] = max(clocks[thread], history.afterReads)
            histories[operation.location].writer = thread
            histories[operation.location].writeNode = node
            histories[operation.location].afterWrites = clocks[thread]
        } else {
            histories[operation.location].readNodes[thread] = node
            histories[operation.location].afterReads = max(history.afterReads, clocks[thread])
        }
    }

    /// What a thread has done is ordered before the next operation at a location that waits for it.
    func orders(_ thread: Int, before location: Int) {
        guard reduces else { return }
        reserve(location)
        histories[location].afterWrites = max(histories[location].afterWrites, clocks[thread])
    }

    func spawns(_ thread: Int, _ child: Int) { clocks[child] = clocks[thread] }

    private func reserve(_ location: Int) {
        while histories.count <= location { histories.append(History()) }
    }

    private func reverse(_ thread: Int, at index: Int) {
        guard !isRedundant, case .thread(var node) = path[index] else { return }
        let bit: UInt8 = 1 << thread
        node.todo |= node.enabled & bit != 0 ? bit : node.enabled
        path[index] = .thread(node)
    }
}

private func max(_ a: Explorer.Clock, _ b: Explorer.Clock) -> Explorer.Clock { pointwiseMax(a, b) }
