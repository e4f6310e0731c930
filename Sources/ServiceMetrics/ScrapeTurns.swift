#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One scrape of a registry at a time, and one text for all who came before it began.
// The text is touched only by the thread whose turn it is; turns are handed on under the mutex.
final class ScrapeTurns: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var owner: pthread_t?
    private var begun: UInt64 = 0
    private var texts: [Key: Text] = [:]
    /// How often a text was made rather than shared.
    private(set) var rendered = 0

    /// What makes one text different from another.
    struct Key: Hashable {
        let format: ExpositionFormat
        let names: Set<String>?
    }

    private final class Text {
        let sink = ByteSink(capacity: 16 * 1024)
        var begun: UInt64 = 0
    }

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        changed = .allocate(capacity: 1)
        changed.initialize(to: pthread_cond_t())
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        changed.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Appends a text that began to be rendered after this call, by this thread or another.
    func write(_ key: Key, into buffer: inout [UInt8], render: (ByteSink) -> Void) {
        pthread_mutex_lock(mutex)
        let arrived = begun
        if let owner, pthread_equal(owner, pthread_self()) != 0 {
            // A figure that is read by scraping: it gets a text of its own.
            pthread_mutex_unlock(mutex)
            let sink = ByteSink()
            render(sink)
            return buffer.append(contentsOf: sink.bytes)
        }
        while owner != nil { pthread_cond_wait(changed, mutex) }
        owner = pthread_self()
        pthread_mutex_unlock(mutex)

        let text = text(for: key)
        if text.begun <= arrived {
            pthread_mutex_lock(mutex)
            begun += 1
            text.begun = begun
            pthread_mutex_unlock(mutex)
            rendered += 1
            text.sink.clear()
            render(text.sink)
        }
        buffer.append(contentsOf: text.sink.bytes)

        pthread_mutex_lock(mutex)
        owner = nil
        pthread_cond_signal(changed)
        pthread_mutex_unlock(mutex)
    }

    private func text(for key: Key) -> Text {
        if let text = texts[key] { return text }
        // Filters are whatever clients ask: only a few are kept.
        if texts.count >= 8 { texts.removeAll() }
        let made = Text()
        texts[key] = made
        return made
    }
}
