import JobQueue
import PostgresBackend
import SQLDatabase

/// Tells the workers of other processes what is new: after the commit, never inside a transaction, and the news of
/// five milliseconds together. `NOTIFY` holds a lock of the whole server until its transaction is over.
final class PostgresNotifier: Sendable {
    private struct State {
        var pending: [String] = []
        var isSending = false
    }

    /// Tells this process's own news from those of others.
    let tag = String(UInt32.random(in: .min ... .max), radix: 36)
    let channel: String
    private let database: PostgresDatabase
    private let state = Lock(State())

    init(database: PostgresDatabase, channel: String) {
        self.database = database
        self.channel = channel
    }

    func send(_ news: [JobWakeup]) {
        guard !news.isEmpty else { return }
        let mustStart = state.with { state in
            for wakeup in news {
                let text = Self.encode(wakeup)
                if !state.pending.contains(text) { state.pending.append(text) }
            }
            defer { state.isSending = true }
            return !state.isSending
        }
        if mustStart { Task.detached { await self.work() } }
    }

    private func work() async {
        while true {
            let texts = state.with { state -> [String] in
                defer { state.pending = [] }
                if state.pending.isEmpty { state.isSending = false }
                return state.pending
            }
            if texts.isEmpty { return }
            // A notification holds 8,000 bytes. One that is lost is made up for by polling.
            for payload in Self.payloads(of: texts, tag: tag) { try? await database.notify(channel, payload) }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The payloads that tell these news.
    func payloads(of news: [JobWakeup], tag: String) -> [String] {
        Self.payloads(of: news.map(Self.encode), tag: tag)
    }

    private static func payloads(of texts: [String], tag: String) -> [String] {
        stride(from: 0, to: texts.count, by: 20).map { start in
            let payload = ([tag] + texts[start..<min(start + 20, texts.count)]).joined(separator: "\n")
            return payload.utf8.count < 8000 ? payload : "\(tag)\n*"
        }
    }

    private static func encode(_ wakeup: JobWakeup) -> String {
        switch wakeup {
        case .ready(let queue): "r" + queue
        case .scheduled: "s"
        case .cancel(let id): "c\(id)"
        case .resync: "*"
        }
    }

    /// What another process said; nothing for what was said here.
    func decode(_ payload: String) -> [JobWakeup] {
        let lines = payload.split(separator: "\n")
        guard lines.first.map({ $0 != tag }) ?? false else { return [] }
        return lines.dropFirst().compactMap { line in
            switch line.first {
            case "r": .ready(queue: String(line.dropFirst()))
            case "s": .scheduled
            case "c": JobID(String(line.dropFirst())).map { .cancel($0) }
            default: .resync
            }
        }
    }
}
