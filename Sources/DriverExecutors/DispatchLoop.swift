import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The loop on a serial dispatch queue and dispatch sources: for systems without epoll. Linux tests it as well.
package final class DispatchLoop: ReadinessLoop {
    let queue: DispatchQueue
    private let key = DispatchSpecificKey<Bool>()

    /// Makes a loop; threads come and go with the work.
    package init(name: String) {
        queue = DispatchQueue(label: name)
        queue.setSpecific(key: key, value: true)
    }

    package var isCurrent: Bool { DispatchQueue.getSpecific(key: key) == true }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    package func execute(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

    @discardableResult
    package func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> LoopTimer {
        let timer = LoopTimer()
        let nanoseconds = Int(clamping: MonotonicTime.nanoseconds(delay))
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) {
            if !timer.isCancelled { body() }
        }
        return timer
    }

    package func watch(_ descriptor: Int32, handler: any ReadinessHandler) -> any ReadinessSource {
        DispatchReadinessSource(loop: self, descriptor: descriptor, handler: handler)
    }

    package func stop() {}
}

/// One descriptor under a ``DispatchLoop``: a source each for reading and writing, made when first needed and
/// suspended between reports.
// Everything but `arm`, which goes through the queue, happens on the queue.
private final class DispatchReadinessSource: ReadinessSource, @unchecked Sendable {
    private let loop: DispatchLoop
    private let descriptor: Int32
    private var handler: (any ReadinessHandler)?
    private var reading: (any DispatchSourceRead)?
    private var writing: (any DispatchSourceWrite)?
    private var isReading = false
    private var isWriting = false

    init(loop: DispatchLoop, descriptor: Int32, handler: any ReadinessHandler) {
        self.loop = loop
        self.descriptor = descriptor
        self.handler = handler
    }

    func arm(_ interest: Readiness) {
        if loop.isCurrent { armHere(interest) } else { loop.queue.async { self.armHere(interest) } }
    }

    private func armHere(_ interest: Readiness) {
        guard handler != nil else { return }
        if interest.contains(.read), !isReading {
            if reading == nil {
                reading = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: loop.queue)
                reading?.setEventHandler { [weak self] in self?.report(.read) }
            }
            isReading = true
            reading?.resume()
        }
        if interest.contains(.write), !isWriting {
            if writing == nil {
                writing = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: loop.queue)
                writing?.setEventHandler { [weak self] in self?.report(.write) }
            }
            isWriting = true
            writing?.resume()
        }
    }

    private func report(_ readiness: Readiness) {
        // A report of the other source may have been on its way already.
        guard isReading || isWriting else { return }
        suspend()
        handler?.ready(readiness)
    }

    func disarm() { suspend() }

    private func suspend() {
        if isReading { reading?.suspend() }
        if isWriting { writing?.suspend() }
        isReading = false
        isWriting = false
    }

    func cancel() {
        guard handler != nil else { return }
        handler = nil
        var sources: [(source: any DispatchSourceProtocol, isSuspended: Bool)] = []
        if let reading { sources.append((reading, !isReading)) }
        if let writing { sources.append((writing, !isWriting)) }
        reading = nil
        writing = nil
        // Dispatch may look at the descriptor until the last source has ended.
        let group = DispatchGroup()
        for entry in sources {
            group.enter()
            entry.source.setCancelHandler { group.leave() }
            entry.source.cancel()
            // A suspended source must run on to end.
            if entry.isSuspended { entry.source.resume() }
        }
        group.notify(queue: loop.queue) { [descriptor] in _ = close(descriptor) }
    }
}
