#if Hummingbird
    public import NIOCore
    public import NIOHTTPTypes

    /// Closes connections whose client is too slow: to send a request's head, to send its body, or to read the response.
    ///
    /// ```swift
    /// Application(router: router, server: .http1(configuration: .init(additionalChannelHandlers: [SlowClientGuard()])))
    /// ```
    /// Bytes that drip do not help a client: each deadline is for the whole of its part, so a few slow clients cannot
    /// hold all connections ("slow loris").
    public final class SlowClientGuard: ChannelDuplexHandler, RemovableChannelHandler {
        /// Decoded requests.
        public typealias InboundIn = HTTPRequestPart
        /// Decoded requests.
        public typealias InboundOut = HTTPRequestPart
        /// Responses to be encoded.
        public typealias OutboundIn = HTTPResponsePart
        /// Responses to be encoded.
        public typealias OutboundOut = HTTPResponsePart

        private let head: TimeAmount
        private let body: TimeAmount
        private let idle: TimeAmount
        private let stall: TimeAmount
        private var reading: Scheduled<Void>?
        private var writing: Scheduled<Void>?

        /// A guard for one connection.
        /// - Parameters:
        ///   - head: From the connection's start to the whole head of its first request.
        ///   - body: From a head to the end of its body.
        ///   - idle: From a response to the whole head of the next request.
        ///   - stall: How long a client may take none of a response that waits for it.
        public init(
            head: TimeAmount = .seconds(10), body: TimeAmount = .seconds(30), idle: TimeAmount = .seconds(75),
            stall: TimeAmount = .seconds(60)
        ) {
            self.head = head
            self.body = body
            self.idle = idle
            self.stall = stall
        }

        /// The first request's head is awaited.
        public func handlerAdded(context: ChannelHandlerContext) { expect(within: head, context) }

        /// Nothing is awaited any more.
        public func handlerRemoved(context: ChannelHandlerContext) {
            reading?.cancel()
            writing?.cancel()
        }

        /// Nothing is awaited any more.
        public func channelInactive(context: ChannelHandlerContext) {
            reading?.cancel()
            writing?.cancel()
            context.fireChannelInactive()
        }

        /// A part of a request is there.
        public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head: expect(within: body, context)
            case .body: break
            case .end: reading?.cancel()
            }
            context.fireChannelRead(data)
        }

        /// A part of a response is on its way.
        public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if case .end = unwrapOutboundIn(data) { expect(within: idle, context) }
            context.write(data, promise: promise)
        }

        /// The client takes what is written, or does not.
        public func channelWritabilityChanged(context: ChannelHandlerContext) {
            writing?.cancel()
            if !context.channel.isWritable { writing = closing(in: stall, context) }
            context.fireChannelWritabilityChanged()
        }

        private func expect(within time: TimeAmount, _ context: ChannelHandlerContext) {
            reading?.cancel()
            reading = closing(in: time, context)
        }

        private func closing(in time: TimeAmount, _ context: ChannelHandlerContext) -> Scheduled<Void> {
            let channel = context.channel
            return context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
        }
    }
#endif
