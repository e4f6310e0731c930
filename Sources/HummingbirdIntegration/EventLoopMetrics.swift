#if Hummingbird
    public import NIOCore
    public import NIOPosix
    public import ServiceMetrics

    /// How late event loops are: a handler that blocks its loop holds up every connection on it, and shows here first.
    ///
    /// SwiftNIO reports nothing through swift-metrics. This asks each loop of a group now and again and measures how long
    /// the answer takes, `nio_event_loop_lag_seconds`. It works with any group, also the one that all libraries share.
    ///
    /// ```swift
    /// let loops = try EventLoopLag(registry: registry)
    /// BackgroundService("event loops") { await loops.follow(MultiThreadedEventLoopGroup.singleton) }
    /// ```
    public struct EventLoopLag: Sendable {
        private let lag: Histogram

        /// Registers the metric.
        /// - Throws: `MetricError` when its name is taken.
        public init(registry: MetricRegistry) throws(MetricError) {
            lag = try registry.histogram(
                "nio_event_loop_lag_seconds", help: "How long an event loop takes to come to a new task.",
                buckets: .eventLoop)
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
                            lag.observe(ContinuousClock.now - asked)
                            try? await Task.sleep(for: interval)
                        }
                    }
                }
            }
        }
    }

    /// What event loops do, turn by turn: how long they were busy, `nio_event_loop_tick_seconds`, and how many tasks they
    /// ran, `nio_event_loop_tasks_total`. For a group of one's own, to which it is given when the group is made.
    ///
    /// ```swift
    /// let group = MultiThreadedEventLoopGroup(
    ///     numberOfThreads: System.coreCount, metricsDelegate: try EventLoopTicks(registry: registry))
    /// ```
    public struct EventLoopTicks: NIOEventLoopMetricsDelegate {
        private let ticks: Histogram
        private let tasks: Counter

        /// Registers the metrics.
        /// - Throws: `MetricError` when one of the names is taken.
        public init(registry: MetricRegistry) throws(MetricError) {
            ticks = try registry.histogram(
                "nio_event_loop_tick_seconds", help: "How long an event loop is busy between two looks at its sockets.",
                buckets: .eventLoop)
            tasks = try registry.counter("nio_event_loop_tasks_total", help: "Tasks that event loops ran.")
        }

        /// Observes a turn that ends now. Called by the loop, on its thread.
        public func processedTick(info: NIOEventLoopTickInfo) {
            ticks.observe(.nanoseconds((NIODeadline.now() - info.startTime).nanoseconds))
            tasks.increment(by: info.numberOfTasks)
        }
    }

    extension Buckets {
        /// From 10 µs, what a busy loop takes, to 10 s, a loop that is blocked.
        fileprivate static var eventLoop: Buckets {
            Buckets([0.00001, 0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
        }
    }
#endif
