import Foundation

/// A TCP proxy on the loopback that can delay, cut and swallow what passes, to put a server behind a bad network.
///
/// ```swift
/// let proxy = try FaultProxy(to: server.port)
/// defer { proxy.stop() }
/// let dsn = server.dsn(port: proxy.port)
/// proxy.blackHole()
/// ```
public final class FaultProxy: Sendable {
    /// The port on 127.0.0.1 to connect to.
    public let port: Int
    private let control: Guarded<Control>
    private let wakeup: Int32
    private let done = DispatchSemaphore(value: 0)

    struct Control {
        var delay: Duration = .zero
        var swallows = false
        var refuses = false
        var cuts = false
        var stops = false
        /// Bytes that may still pass towards the client before the connection is cut.
        var quota: Int?
        /// Bytes that may still pass towards the clients before nothing passes any more.
        var stallsAfter: Int?
        var lie: (mark: [UInt8], text: [UInt8])?
        var stutter: [UInt8]?
        var stutterPause = Duration.zero
        var links = 0
        var accepted = 0
        var requests = 0
        var openings: [[UInt8]] = []
    }

    /// Starts a proxy to a port of 127.0.0.1.
    public init(to target: Int) throws {
        let (listener, port) = try TestPort.listen(backlog: 128)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ChildProcess.Failure(description: "pipe: \(String(cString: strerror(errno)))")
        }
        self.port = port
        wakeup = ends[1]
        let control = Guarded(Control())
        self.control = control
        let proxy = ProxyThread(listener: listener, wakeup: ends[0], target: target, control: control)
        let done = done
        let thread = Thread {
            proxy.run()
            done.signal()
        }
        thread.start()
    }

    /// Lets everything pass again.
    public func heal() {
        change {
            $0.delay = .zero
            $0.swallows = false
            $0.refuses = false
            $0.quota = nil
            $0.stallsAfter = nil
            $0.lie = nil
            $0.stutter = nil
        }
    }

    /// Writes `text` over what the server says to the clients right after `mark`, which comes in one piece with it.
    public func overwrite(after mark: String, with text: String) {
        change { $0.lie = (Array(mark.utf8), Array(text.utf8)) }
    }

    /// Says twice what the server says to the clients in one piece with `mark`.
    public func repeatPiece(with mark: String, after pause: Duration = .zero) {
        change {
            $0.stutter = Array(mark.utf8)
            $0.stutterPause = pause
        }
    }

    /// Holds everything back for so long, in both directions.
    public func delay(_ delay: Duration) { change { $0.delay = delay } }

    /// Takes nothing and gives nothing any more; the connections stay open. New ones are accepted and get nothing.
    public func blackHole() { change { $0.swallows = true } }

    /// Resets all connections. New ones work.
    public func cut() { change { $0.cuts = true } }

    /// Resets all connections once so many more bytes have gone to the clients.
    public func cut(afterBytes count: Int) { change { $0.quota = count } }

    /// Lets so many more bytes pass to the clients, then takes nothing and gives nothing any more.
    public func stall(afterBytes count: Int) { change { $0.stallsAfter = count } }

    /// Resets all connections, and new ones as they come.
    public func refuse() {
        change {
            $0.cuts = true
            $0.refuses = true
        }
    }

    /// Connections at this moment.
    public var connections: Int { control.with { $0.links } }

    /// Connections accepted so far.
    public var accepted: Int { control.with { $0.accepted } }

    /// How often a client began to send: at the start of its connection, or after the server had sent something.
    ///
    /// Counts round trips. What a client sends in several pieces before the server answers is one request.
    public var requests: Int { control.with { $0.requests } }

    /// The bytes with which each client began, as they came.
    public var openings: [[UInt8]] { control.with { $0.openings } }

    /// Ends the proxy and its connections.
    public func stop() {
        change { $0.stops = true }
        done.wait()
        close(wakeup)
    }

    private func change(_ body: (inout Control) -> Void) {
        control.with(body)
        var byte: UInt8 = 0
        _ = write(wakeup, &byte, 1)
    }
}

/// The proxy's thread and what it alone touches.
// Made by one thread and run by another.
private final class ProxyThread: @unchecked Sendable {
    private final class Link {
        let client: Int32
        let server: Int32
        /// Bytes on their way, with the moment they may go on.
        var toServer: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
        var toClient: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
        var hasBegun = false
        /// Whether the server was the last to send.
        var isAnswered = true
        var clientEnded = false
        var serverEnded = false
        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }
    }

    private let listener: Int32
    private let wakeup: Int32
    private let target: Int
    private let control: Guarded<FaultProxy.Control>
    private var links: [Link] = []

    init(listener: Int32, wakeup: Int32, target: Int, control: Guarded<FaultProxy.Control>) {
        self.listener = listener
        self.wakeup = wakeup
        self.target = target
        self.control = control
    }

    func run() {
        while true {
            let orders = control.with { control in
                defer { control.cuts = false }
                return control
            }
            if orders.cuts || orders.stops { while let link = links.popLast() { reset(link) } }
            if orders.stops { break }
            control.with { $0.links = links.count }
            turn(orders)
        }
        close(listener)
        close(wakeup)
    }

    private func turn(_ orders: FaultProxy.Control) {
        let now = ContinuousClock.now
        var entries = [
            pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0),
        ]
        var wait: Duration = .seconds(3600)
        for link in links {
            entries.append(entry(link.client, reads: !link.clientEnded, queue: link.toClient, orders, now, &wait))
            entries.append(entry(link.server, reads: !link.serverEnded, queue: link.toServer, orders, now, &wait))
        }
        let parts = wait.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000 + 1
        _ = poll(&entries, nfds_t(entries.count), Int32(clamping: milliseconds))
        if entries[1].revents != 0 {
            var bytes = [UInt8](repeating: 0, count: 64)
            _ = read(wakeup, &bytes, 64)
            return
        }
        for (index, link) in links.enumerated().reversed() {
            let alive =
                move(link, client: entries[2 + 2 * index], server: entries[3 + 2 * index], orders)
            if !alive {
                links.remove(at: index)
                reset(link)
            }
        }
        if entries[0].revents != 0 { acceptOne(orders) }
    }

    private func entry(
        _ descriptor: Int32, reads: Bool, queue: [(due: ContinuousClock.Instant, bytes: [UInt8])],
        _ orders: FaultProxy.Control, _ now: ContinuousClock.Instant, _ wait: inout Duration
    ) -> pollfd {
        if orders.swallows { return pollfd(fd: -1, events: 0, revents: 0) }
        var events: Int16 = reads ? Int16(POLLIN) : 0
        if let first = queue.first {
            if first.due <= now { events |= Int16(POLLOUT) } else { wait = min(wait, first.due - now) }
        }
        return pollfd(fd: events == 0 ? -1 : descriptor, events: events, revents: 0)
    }

    private func acceptOne(_ orders: FaultProxy.Control) {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        control.with { $0.accepted += 1 }
        guard !orders.refuses, let server = TestPort.connect(port: target) else {
            reset(client)
            return
        }
        for descriptor in [client, server] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        links.append(Link(client: client, server: server))
    }

    private func move(_ link: Link, client: pollfd, server: pollfd, _ orders: FaultProxy.Control) -> Bool {
        if orders.swallows { return true }
        let due = ContinuousClock.now + orders.delay
        if client.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, !link.clientEnded {
            guard let bytes = take(link.client) else { return false }
            if bytes.isEmpty { link.clientEnded = true } else { link.toServer.append((due, bytes)) }
            if !link.hasBegun, !bytes.isEmpty { control.with { $0.openings.append(bytes) } }
            link.hasBegun = true
            if link.isAnswered, !bytes.isEmpty { control.with { $0.requests += 1 } }
            link.isAnswered = false
        }
        if server.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, !link.serverEnded {
            guard var bytes = take(link.server) else { return false }
            link.isAnswered = true
            if bytes.isEmpty { link.serverEnded = true }
            if let (mark, text) = orders.lie, let place = bytes.firstRange(of: mark)?.upperBound,
                place + text.count <= bytes.count
            {
                bytes.replaceSubrange(place..<place + text.count, with: text)
            }
            if let mark = orders.stutter, bytes.firstRange(of: mark) != nil {
                if orders.stutterPause > .zero {
                    link.toClient.append((due, bytes))
                    link.toClient.append((due + orders.stutterPause, bytes))
                    bytes = []
                } else {
                    bytes += bytes
                }
            }
            if !bytes.isEmpty { link.toClient.append((due, bytes)) }
        }
        guard give(&link.toServer, to: link.server) != nil else { return false }
        let stall = control.with(\.stallsAfter)
        let quota = stall ?? control.with(\.quota)
        guard let given = give(&link.toClient, to: link.client, atMost: quota) else { return false }
        if let stall {
            control.with {
                $0.stallsAfter = stall - given
                if given >= stall { $0.swallows = true }
            }
        } else if let quota {
            control.with { $0.quota = quota - given }
            if given >= quota, given > 0 || !link.toClient.isEmpty { return false }
        }
        if link.clientEnded, link.toServer.isEmpty { shutdown(link.server, Int32(SHUT_WR)) }
        if link.serverEnded, link.toClient.isEmpty { return false }
        return true
    }

    private func take(_ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { return nil }
        return Array(bytes.prefix(count))
    }

    /// How many bytes went; `nil` when the connection is broken.
    private func give(
        _ queue: inout [(due: ContinuousClock.Instant, bytes: [UInt8])], to descriptor: Int32, atMost limit: Int? = nil
    ) -> Int? {
        let now = ContinuousClock.now
        var total = 0
        while let first = queue.first, first.due <= now {
            let length = min(first.bytes.count, (limit ?? .max) - total)
            if length == 0 { return total }
            let count = send(descriptor, first.bytes, length, Int32(MSG_NOSIGNAL))
            if count < 0 { return errno == EAGAIN ? total : nil }
            total += count
            if count < first.bytes.count {
                queue[0].bytes.removeFirst(count)
                return total
            }
            queue.removeFirst()
        }
        return total
    }

    private func reset(_ link: Link) {
        reset(link.client)
        reset(link.server)
    }

    /// Closes with a reset rather than an orderly end.
    private func reset(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }
}
