public import JobQueue
public import ServiceLifecycle

/// A job worker in a service group: it claims nothing more when the group shuts down, lets running jobs finish or
/// cancels them by its configuration, and returns the rest to the queue.
public struct JobWorkerService: Service {
    private let worker: JobWorker

    /// A service around a worker.
    public init(_ worker: JobWorker) { self.worker = worker }

    /// Runs until the group shuts down and the worker has come to rest.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            try await worker.run()
        } onGracefulShutdown: {
            worker.stop()
        }
    }
}
