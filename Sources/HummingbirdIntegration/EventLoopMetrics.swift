#if Hummingbird
    public import Metrics
    public import NIOCore
    public import NIOPosix

    /// How late event loops are: a handler that blocks its loop holds up every connection on it, and shows here first.
    ///
    /// SwiftNIO reports nothing through swift-metrics by itself. This asks each loop of a group now and again and reports
    /// how long the answer takes: the timer `nio.event_loop.lag`, in a scrape `nio_event_loop_lag_seconds`. It works with
    /// any group, also the one that all libraries share.
    ///
    /// ```swift
    /// let loops = EventLoopLag()
    /// BackgroundService("event loops") { await loops.follow(MultiThreadedEventLoopGroup.singleton) }
    /// ```
    public struct EventLoopLag: Sendable {
        private let lag: Timer

        /// Reports to a factory, by default the one that the process was bootstrapped with.
        public init(factory: any MetricsFactory = MetricsSystem.factory) {
            lag = Timer(label: "nio.event_loop.lag", preferredDisplayUnit: .seconds, factory: factory)
        }

        /// Asks every loop of a group, each by itself, until the task is cancelled. Cancel it before a group is shut down:
        /// SwiftNIO takes no task from then on.
        /// - Parameters:
        ///   - group: The loops.
        ///   - interval: From an answer to the next question, so that a blocked loop has one question waiting, not many.
        public func follow(_ group: any EventLoopGroup, every interval: Duration = .seconds(1)) async {
            await withDiscardingTaskGroup { tasks in
                for loop in group.makeIterator() {
                    tasks.addTask {
                        while !Task.isCancelled {
                            let asked = ContinuousClock.now
                            guard (try? await loop.submit {}.get()) != nil else { return }
                            lag.record(duration: ContinuousClock.now - asked)
                            try? await Task.sleep(for: interval)
                        }
                    }
                }
            }
        }
    }

    /// What event loops do, turn by turn: how long they were busy, the timer `nio.event_loop.tick` (in a scrape
    /// `nio_event_loop_tick_seconds`), and how many tasks they ran, the counter `nio.event_loop.tasks`
    /// (`nio_event_loop_tasks_total`). For a group of one's own, to which it is given when the group is made.
    ///
    /// ```swift
    /// let group = MultiThreadedEventLoopGroup(
    ///     numberOfThreads: System.coreCount, metricsDelegate: EventLoopTicks())
    /// ```
    public struct EventLoopTicks: NIOEventLoopMetricsDelegate {
        private let ticks: Timer
        private let tasks: Counter

        /// Reports to a factory, by default the one that the process was bootstrapped with.
        public init(factory: any MetricsFactory = MetricsSystem.factory) {
            ticks = Timer(label: "nio.event_loop.tick", preferredDisplayUnit: .seconds, factory: factory)
            tasks = Counter(label: "nio.event_loop.tasks", factory: factory)
        }

        /// Reports a turn that ends now. Called by the loop, on its thread.
        public func processedTick(info: NIOEventLoopTickInfo) {
            ticks.recordNanoseconds((NIODeadline.now() - info.startTime).nanoseconds)
            tasks.increment(by: info.numberOfTasks)
        }
    }
#endif
