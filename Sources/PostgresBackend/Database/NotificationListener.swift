import DriverExecutors
import SQLDatabase

/// One connection that listens for all sequences of notifications of a database.
///
/// A task of its own connects, sends `LISTEN` and `UNLISTEN` as sequences come and go, and distributes what arrives. It
/// runs as long as there is a sequence, and ``linger`` longer.
final class NotificationListener: Sendable {
    private struct Subscriber {
        let buffer: NotificationBuffer
        let channels: Set<ExactText>
        let checkInterval: Duration
        /// Whether `.listening` was reported for the present connection.
        var isListening = false
    }

    /// What ends a wait of the task early.
    private enum Interruption {
        /// Any sequence that comes or goes.
        case change
        /// The last sequence that goes.
        case idle
    }

    private struct State {
        var subscribers: [Int: Subscriber] = [:]
        var lastID = 0
        var hasChanged = false
        var isShutDown = false
        var task: Task<Void, Never>?
        var wait: (end: Interruption, cancel: @Sendable () -> Void)?

        func isDue(_ interruption: Interruption) -> Bool {
            isShutDown || (interruption == .change ? hasChanged : subscribers.isEmpty)
        }
    }

    private let backend: PostgresConnectionBackend
    private let linger: Duration
    private let state = SystemLock(State())

    init(backend: PostgresConnectionBackend, linger: Duration = .seconds(1)) {
        self.backend = backend
        self.linger = linger
    }

    // MARK: Sequences

    /// Adds a sequence, which is removed when the subscription is released.
    func subscribe(_ sequence: PostgresNotifications) -> NotificationSubscription {
        let buffer = NotificationBuffer(limit: sequence.bufferSize)
        let id = change { state in
            state.lastID += 1
            if state.isShutDown {
                buffer.finish()
            } else {
                state.subscribers[state.lastID] = Subscriber(
                    buffer: buffer, channels: sequence.channels, checkInterval: sequence.checkInterval)
                if state.task == nil { state.task = Task.detached { await self.run() } }
            }
            return state.lastID
        }
        return NotificationSubscription(id: id, buffer: buffer, listener: self)
    }

    func unsubscribe(_ id: Int) { change { $0.subscribers[id] = nil } }

    /// Ends all sequences and closes the connection.
    func shutdown() async {
        let (task, subscribers) = change { state in
            defer { state.subscribers = [:] }
            state.isShutDown = true
            return (state.task, state.subscribers)
        }
        task?.cancel()
        for subscriber in subscribers.values { subscriber.buffer.finish() }
        await task?.value
    }

    @discardableResult
    private func change<Result>(_ body: (inout State) -> Result) -> Result {
        let (result, cancel) = state.withLock { state in
            let result = body(&state)
            state.hasChanged = true
            guard let wait = state.wait, state.isDue(wait.end) else { return (result, nil as (@Sendable () -> Void)?) }
            state.wait = nil
            return (result, wait.cancel)
        }
        cancel?()
        return result
    }

    // MARK: The task

    private func run() async {
        var connection: PostgresConnection?
        var channels = ChannelSet()
        var failures = 0
        while let (wanted, interval) = takeChanges() {
            do {
                if let open = connection {
                    try await synchronize(open, wanted, &channels)
                    report(.listening) { !$0.isListening && channels.listened.isSuperset(of: $0.channels) }
                    if wanted.isEmpty {
                        if await pause(linger, .change), isOver() { break }
                        continue
                    }
                    failures = 0
                    let outcome = await interruptible(.change) { try await Self.receive(open, within: interval) }
                    guard let notifications = try outcome?.get() else { continue }
                    distribute(notifications)
                    if notifications.isEmpty {
                        try await backend.validate(open)
                        channels.refused = []
                    }
                } else if wanted.isEmpty {
                    if isOver() { break }
                } else {
                    if failures > 0 { _ = await pause(Self.backoff(failures), .idle) }
                    connection = try await interruptible(.idle) { try await self.backend.connect() }?.get()
                    channels = ChannelSet()
                }
            } catch {
                connection?.session.closeLater()
                connection = nil
                failures += 1
                if !Task.isCancelled { report(.interrupted(error)) { _ in true } }
            }
        }
        await connection?.session.close()
    }

    /// What is wanted now; `nil` after the shutdown.
    private func takeChanges() -> (channels: Set<ExactText>, interval: Duration)? {
        state.withLock { state in
            if state.isShutDown { return nil }
            state.hasChanged = false
            var channels: Set<ExactText> = []
            var interval = Duration.seconds(3600)
            for subscriber in state.subscribers.values {
                channels.formUnion(subscriber.channels)
                interval = min(interval, subscriber.checkInterval)
            }
            return (channels, max(interval, .milliseconds(10)))
        }
    }

    /// Whether the task may end: then the next sequence starts a new one.
    private func isOver() -> Bool {
        state.withLock { state in
            guard state.subscribers.isEmpty else { return false }
            state.task = nil
            return true
        }
    }

    /// The channels as the server has them.
    private struct ChannelSet {
        var listened: Set<ExactText> = []
        /// Names the server refused. They are tried again after the interval of checking.
        var refused: Set<ExactText> = []
    }

    /// Sends the statements that are missing: all at once, and one by one where the server refuses one of them.
    private func synchronize(
        _ connection: PostgresConnection, _ wanted: Set<ExactText>, _ channels: inout ChannelSet
    ) async throws {
        let old = channels.listened.subtracting(wanted).sorted()
        let new = wanted.subtracting(channels.listened).subtracting(channels.refused).sorted()
        // Text rather than a parameter: neither statement takes one.
        let statements = new.map { "LISTEN " + quoted($0.text) } + old.map { "UNLISTEN " + quoted($0.text) }
        if statements.isEmpty { return }
        do {
            try await connection.script(statements.joined(separator: "; "))
            channels.listened.formUnion(new)
            channels.listened.subtract(old)
        } catch let error as PostgresError where error.sqlState != nil && !error.closesConnection {
            for name in old { try await connection.script("UNLISTEN " + quoted(name.text)) }
            channels.listened.subtract(old)
            for name in new {
                do {
                    try await connection.script("LISTEN " + quoted(name.text))
                    channels.listened.insert(name)
                } catch let error as PostgresError where error.sqlState != nil && !error.closesConnection {
                    channels.refused.insert(name)
                    report(.interrupted(error)) { $0.channels.contains(name) }
                }
            }
        }
    }

    /// Waits for notifications; returns none when nothing came within the interval.
    private static func receive(
        _ connection: PostgresConnection, within interval: Duration
    ) async throws -> [PostgresNotification] {
        let exchange = WaitExchange(connection.session)
        exchange.deadline = connection.limits.deadline(interval)
        do {
            try await connection.session.perform(exchange)
            return exchange.notifications
        } catch let error as PostgresError where error.code == .timeout {
            return []
        }
    }

    /// Full jitter below a bound that doubles from 100 ms to 5 s.
    private static func backoff(_ failures: Int) -> Duration {
        let bound = min(5_000, 100 << min(failures - 1, 6))
        return .milliseconds(Int.random(in: bound / 4...bound))
    }

    // MARK: Waiting

    /// Returns whether the whole time has passed.
    private func pause(_ time: Duration, _ end: Interruption) async -> Bool {
        await interruptible(end) { try await Task.sleep(for: time) } != nil
    }

    /// Runs a body that ends early, with `nil`, when the interruption comes.
    private func interruptible<Output: Sendable>(
        _ end: Interruption, _ body: @escaping @Sendable () async throws -> Output
    ) async -> Result<Output, any Error>? {
        let task = Task { try await body() }
        let isDue = state.withLock { state in
            if !state.isDue(end) { state.wait = (end, { task.cancel() }) }
            return state.isDue(end)
        }
        if isDue { task.cancel() }
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        state.withLock { $0.wait = nil }
        if case .failure(let error) = result, error is CancellationError { return nil }
        return result
    }

    // MARK: Distribution

    /// Reports the state of the connection to some of the sequences.
    private func report(_ event: PostgresNotifications.Element, where isMeant: (Subscriber) -> Bool) {
        let isListening = if case .listening = event { true } else { false }
        let buffers = state.withLock { state in
            state.subscribers.compactMap { id, subscriber -> NotificationBuffer? in
                guard isMeant(subscriber) else { return nil }
                state.subscribers[id]?.isListening = isListening
                return subscriber.buffer
            }
        }
        for buffer in buffers { buffer.append(event) }
    }

    private func distribute(_ notifications: [PostgresNotification]) {
        let subscribers = state.withLock { Array($0.subscribers.values) }
        for notification in notifications {
            for subscriber in subscribers
            where subscriber.isListening && subscriber.channels.contains(ExactText(notification.channel)) {
                subscriber.buffer.append(.notification(notification))
            }
        }
    }
}

/// The place of one sequence in a listener. Ends with its last reference.
final class NotificationSubscription: Sendable {
    let buffer: NotificationBuffer
    private let id: Int
    private let listener: NotificationListener

    init(id: Int, buffer: NotificationBuffer, listener: NotificationListener) {
        self.id = id
        self.buffer = buffer
        self.listener = listener
    }

    deinit { listener.unsubscribe(id) }
}
