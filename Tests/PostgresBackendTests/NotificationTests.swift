import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

@Suite(needsServer) struct NotificationTests {
    /// The number of connections of a database that listen: all but the pool's and the asking one.
    private func listeners(_ database: PostgresDatabase) async throws -> Int {
        try await database.withConnection { connection in
            try await connection.number(
                """
                SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                    AND query ~ '^(LISTEN|UNLISTEN)'
                """)
        }
    }

    private func withOwnDatabase(_ body: (PostgresDatabase) async throws -> Void) async throws {
        try await withDatabase(dsn: PostgresServer.shared().makeDatabase(), body)
    }

    private func expectListening(_ events: inout PostgresNotifications.AsyncIterator) async throws {
        guard case .listening = try await events.next() else { throw Unexpected() }
    }

    private func payload(_ events: inout PostgresNotifications.AsyncIterator) async throws -> String {
        guard case .notification(let note) = try await events.next() else { throw Unexpected() }
        return note.payload
    }

    private struct Unexpected: Error {}

    @Test func `many sequences share one connection, which closes after the last`() async throws {
        try await withOwnDatabase { database in
            var all = (0..<5).map { database.notifications(on: ["shared", "own \($0)"]).makeAsyncIterator() }
            for index in all.indices { try await expectListening(&all[index]) }
            #expect(try await listeners(database) == 1)
            try await database.notify("shared", "everyone")
            try await database.notify("own 3", "only three")
            try await database.notify("shared", "again")
            for index in all.indices {
                #expect(try await payload(&all[index]) == "everyone")
                if index == 3 { #expect(try await payload(&all[index]) == "only three") }
                #expect(try await payload(&all[index]) == "again")
            }
            all.removeLast(4)
            // The first still listens on its channels.
            try await database.notify("own 4", "nobody")
            try await database.notify("own 0", "still here")
            #expect(try await payload(&all[0]) == "still here")
            #expect(try await listeners(database) == 1)
            all = []
            try await waitUntil { try await listeners(database) == 0 }
            // And another one opens it again.
            var late = database.notifications(on: ["shared"]).makeAsyncIterator()
            try await expectListening(&late)
            try await database.notify("shared", "late")
            #expect(try await payload(&late) == "late")
        }
    }

    @Test func `sequences that join and leave do not disturb one that stays`() async throws {
        try await withOwnDatabase { database in
            var first = database.notifications(on: ["a"]).makeAsyncIterator()
            try await expectListening(&first)
            for round in 0..<50 {
                try await database.notify("a", "before \(round)")
                let guest = Task {
                    var events = database.notifications(on: ["a", "b \(round)"]).makeAsyncIterator()
                    try await expectListening(&events)
                    try await database.notify("b \(round)", "hello")
                    // What was sent on "a" may still have been on its way.
                    var text = try await payload(&events)
                    while text.hasPrefix("before") { text = try await payload(&events) }
                    return text
                }
                #expect(try await guest.value == "hello")
                #expect(try await payload(&first) == "before \(round)")
            }
            #expect(try await listeners(database) == 1)
        }
    }

    @Test func `a reader that is slow loses what does not fit and is told how much`() async throws {
        try await withOwnDatabase { database in
            var slow = database.notifications(on: ["flood"], bufferSize: 10).makeAsyncIterator()
            var quick = database.notifications(on: ["flood", "end"], bufferSize: 5000).makeAsyncIterator()
            try await expectListening(&slow)
            try await expectListening(&quick)
            _ = try await database.query("SELECT pg_notify('flood', n::text) FROM generate_series(1, 1000) n")
            for number in 1...1000 { #expect(try await payload(&quick) == "\(number)") }
            // The slow reader may still be given the last ones while it reads.
            var (numbers, lost) = ([Int](), 0)
            while numbers.count + lost < 1000 {
                switch try await slow.next() {
                case .overflowed(let count): lost += count
                case .notification(let note):
                    #expect(note.payload == "\(numbers.count + lost + 1)")
                    numbers.append(numbers.count + lost + 1)
                default: throw Unexpected()
                }
            }
            #expect(numbers.prefix(10) == Array(1...10)[...])
            #expect(numbers.count + lost == 1000 && lost >= 900)
            try await database.notify("flood", "after")
            #expect(try await payload(&slow) == "after")
        }
    }

    @Test func `cancelling one reader does not disturb the others`() async throws {
        try await withOwnDatabase { database in
            var stays = database.notifications(on: ["a"]).makeAsyncIterator()
            try await expectListening(&stays)
            let (signal, started) = AsyncStream<Void>.makeStream()
            let goes = Task {
                for try await _ in database.notifications(on: ["a", "b"]) { started.yield() }
            }
            var seen = signal.makeAsyncIterator()
            await seen.next()
            goes.cancel()
            await #expect(throws: CancellationError.self) { try await goes.value }
            try await database.notify("a", "on")
            #expect(try await payload(&stays) == "on")
        }
    }

    @Test func `every reader is told of an interruption and of its end`() async throws {
        try await withOwnDatabase { database in
            var all = (0..<3).map { database.notifications(on: ["c\($0)"]).makeAsyncIterator() }
            for index in all.indices { try await expectListening(&all[index]) }
            _ = try await database.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND query ~ '^LISTEN'
                """)
            for index in all.indices {
                guard case .interrupted = try await all[index].next() else { throw Unexpected() }
                try await expectListening(&all[index])
                try await database.notify("c\(index)", "x")
                #expect(try await payload(&all[index]) == "x")
            }
        }
    }

    @Test func `a channel that the server refuses does not stop the others`() async throws {
        let server = try await PostgresServer.shared()
        let name = "latin_\(Int.random(in: 0..<1_000_000))"
        try await server.run(sql: "CREATE DATABASE \(name) ENCODING 'LATIN1' TEMPLATE template0")
        try await withDatabase(dsn: server.dsn(database: name)) { database in
            var good = database.notifications(on: ["good"]).makeAsyncIterator()
            try await expectListening(&good)
            var bad = database.notifications(on: ["good", "😀"]).makeAsyncIterator()
            guard case .interrupted(let error) = try await bad.next() else { throw Unexpected() }
            #expect((error as? PostgresError)?.sqlState == "22P05")
            var other = database.notifications(on: ["other"]).makeAsyncIterator()
            try await expectListening(&other)
            try await database.notify("other", "o")
            try await database.notify("good", "g")
            #expect(try await payload(&other) == "o")
            #expect(try await payload(&good) == "g")
        }
    }

    @Test func `sequences that are read after an outage hear again, without a connection left behind`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        try await withDatabase(dsn: server.dsn(host: "127.0.0.1", port: proxy.port)) { database in
            var events = database.notifications(on: ["a"]).makeAsyncIterator()
            try await expectListening(&events)
            proxy.refuse()
            guard case .interrupted = try await events.next() else { throw Unexpected() }
            proxy.heal()
            while true { if case .listening = try await events.next() { break } }
            try await database.notify("a", "back")
            #expect(try await payload(&events) == "back")
        }
        try await waitUntil { proxy.connections == 0 }
    }

    @Test func `sequences end when the database is shut down`() async throws {
        let database = try await PostgresDatabase(configuration: PostgresConfiguration(PostgresServer.shared().dsn()))
        var events = database.notifications(on: ["a"]).makeAsyncIterator()
        try await expectListening(&events)
        await database.shutdown()
        #expect(try await events.next() == nil)
        var late = database.notifications(on: ["a"]).makeAsyncIterator()
        #expect(try await late.next() == nil)
    }

    @Test func `names and payloads that the server would cut are refused`() async throws {
        try await withDatabase { database in
            let longest = String(repeating: "é", count: 31) + "x"
            for channels in [[], [""], ["a\0b"], [longest + "x"], ["fine", String(repeating: "x", count: 64)]] {
                var events = database.notifications(on: channels).makeAsyncIterator()
                let error = await #expect(throws: PostgresError.self) { try await events.next() }
                #expect(error?.code == .invalidConfiguration)
            }
            var events = database.notifications(on: [longest]).makeAsyncIterator()
            try await expectListening(&events)
            let full = String(repeating: "p", count: 7_999)
            try await database.notify(longest, full)
            #expect(try await payload(&events) == full)
            for (channel, text) in [("a\0", ""), ("", ""), (longest + "x", ""), ("a", "x\0y"), ("a", full + "p")] {
                let error = await #expect(throws: PostgresError.self) { try await database.notify(channel, text) }
                #expect(error?.code == .invalidConfiguration)
                #expect(error?.description.contains("ppp") == false)
            }
        }
    }

    @Test func `a queue of events holds its limit, in order, whatever comes`() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<200 {
            let limit = Int.random(in: 1...8, using: &random)
            var queue = NotificationQueue(limit: limit)
            var (sent, read, lost) = (0, 0, 0)
            for _ in 0..<500 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0: queue.append(.listening)
                case 1: queue.append(.interrupted(Unexpected()))
                case 2...6:
                    sent += 1
                    queue.append(.notification(.init(channel: "", payload: "\(sent)", backendID: 0)))
                default: take()
                }
                #expect(queue.count <= 4 * limit + 3)
            }
            while queue.count > 0 { take() }
            #expect(read + lost == sent)

            func take() {
                switch queue.popFirst() {
                case .notification(let note):
                    read += 1
                    #expect(note.payload == "\(read + lost)")
                case .overflowed(let count): lost += count
                default: break
                }
            }
        }
    }
}
