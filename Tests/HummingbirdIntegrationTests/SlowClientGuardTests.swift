#if Hummingbird
    import HTTPTypes
    import HummingbirdIntegration
    import NIOCore
    import NIOEmbedded
    import NIOHTTPTypes
    import Testing

    /// One connection on a loop whose time the test moves.
    @Suite("Slow clients")
    struct SlowClientGuardTests {
        private let channel = EmbeddedChannel()
        private var loop: EmbeddedEventLoop { channel.embeddedEventLoop }

        init() throws {
            try channel.pipeline.syncOperations.addHandler(
                SlowClientGuard(head: .seconds(10), body: .seconds(30), idle: .seconds(75), stall: .seconds(60)))
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 80)).wait()
        }

        private func head(_ method: HTTPRequest.Method = .get) throws {
            try channel.writeInbound(
                HTTPRequestPart.head(HTTPRequest(method: method, scheme: nil, authority: "a", path: "/")))
        }
        private func part() throws { try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "a"))) }
        private func end() throws { try channel.writeInbound(HTTPRequestPart.end(nil)) }
        private func answer() throws {
            try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
            try channel.writeOutbound(HTTPResponsePart.end(nil))
        }

        /// Open until just before a time, closed just after.
        private func expectClose(after time: Int64, _ what: Comment, at location: SourceLocation = #_sourceLocation) {
            loop.advanceTime(by: .seconds(time) - .milliseconds(1))
            #expect(channel.isActive, what, sourceLocation: location)
            loop.advanceTime(by: .milliseconds(2))
            #expect(!channel.isActive, what, sourceLocation: location)
        }

        @Test func `a connection without a request is closed`() { expectClose(after: 10, "head") }

        @Test func `a body that drips is closed when its time is over`() throws {
            loop.advanceTime(by: .seconds(9))
            try head(.post)
            for _ in 0..<29 {
                loop.advanceTime(by: .seconds(1))
                try part()
            }
            expectClose(after: 1, "body")
        }

        @Test func `a request that is being answered may take its time`() throws {
            try head()
            try end()
            loop.advanceTime(by: .seconds(1000))
            #expect(channel.isActive)
            try answer()
            expectClose(after: 75, "idle")
        }

        @Test func `requests one after the other keep the connection, and the last one's idle time counts`() throws {
            for _ in 0..<200 {
                try head(.post)
                try part()
                loop.advanceTime(by: .seconds(1))
                try end()
                try answer()
                loop.advanceTime(by: .seconds(2))
            }
            expectClose(after: 73, "idle")
        }

        @Test func `a body's time counts after a long rest as well`() throws {
            try head()
            try end()
            try answer()
            loop.advanceTime(by: .seconds(70))
            try head(.post)
            expectClose(after: 30, "body")
        }

        @Test func `who is answered before the body has ended must still end it, and is idle from there on`() throws {
            try head(.post)
            try answer()
            loop.advanceTime(by: .seconds(20))
            try part()
            #expect(channel.isActive)
            try end()
            expectClose(after: 75, "idle")

            let other = try SlowClientGuardTests()
            try other.head(.post)
            try other.answer()
            other.expectClose(after: 30, "a body that never ends")
        }

        @Test func `of pipelined requests, the last response starts the idle time`() throws {
            for _ in 0..<2 {
                try head()
                try end()
            }
            try answer()
            loop.advanceTime(by: .seconds(500))
            #expect(channel.isActive)
            try answer()
            expectClose(after: 75, "idle")
        }

        @Test func `a client that takes nothing is closed, one that takes something is not`() throws {
            try head()
            try end()
            channel.isWritable = false
            channel.pipeline.fireChannelWritabilityChanged()
            loop.advanceTime(by: .seconds(59))
            channel.isWritable = true
            channel.pipeline.fireChannelWritabilityChanged()
            loop.advanceTime(by: .seconds(500))
            #expect(channel.isActive)
            channel.isWritable = false
            channel.pipeline.fireChannelWritabilityChanged()
            expectClose(after: 60, "stall")
        }
    }
#endif
