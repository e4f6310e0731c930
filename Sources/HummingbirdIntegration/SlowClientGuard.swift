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

        /// When the part that is awaited must be there.
        private var reading: NIODeadline?
        /// When the client must have taken something.
        private var writing: NIODeadline?
        /// The one timer of the connection and its time. It moves only when a deadline is before it, so that requests in
        /// quick succession set none.
        private var timer: (at: NIODeadline, task: Scheduled<Void>)?
        /// Whether a request's head is there and its end is not.
        private var isInBody = false
        /// Requests whose response has not ended.
        private var unanswered = 0

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
        public func handlerAdded(context: ChannelHandlerContext) {
            reading = context.eventLoop.now + head
            watch(context)
        }

        /// Nothing is awaited any more.
        public func handlerRemoved(context: ChannelHandlerContext) { rest() }

        /// Nothing is awaited any more.
        public func channelInactive(context: ChannelHandlerContext) {
            rest()
            context.fireChannelInactive()
        }

        /// A part of a request is there.
        public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head:
                isInBody = true
                unanswered += 1
                reading = context.eventLoop.now + body
            case .body: break
            case .end:
                isInBody = false
                // What was answered before its end is now followed by the next request.
                reading = unanswered == 0 ? context.eventLoop.now + idle : nil
            }
            context.fireChannelRead(data)
        }

        /// All that has come is read; what is missing is awaited.
        public func channelReadComplete(context: ChannelHandlerContext) {
            watch(context)
            context.fireChannelReadComplete()
        }

        /// A part of a response is on its way.
        public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if case .end = unwrapOutboundIn(data) {
                unanswered -= 1
                if unanswered <= 0, !isInBody {
                    reading = context.eventLoop.now + idle
                    watch(context)
                }
            }
            context.write(data, promise: promise)
        }

        /// The client takes what is written, or does not.
        public func channelWritabilityChanged(context: ChannelHandlerContext) {
            writing = context.channel.isWritable ? nil : context.eventLoop.now + stall
            watch(context)
            context.fireChannelWritabilityChanged()
        }

        /// Sees to it that the timer is not later than what is awaited.
        private func watch(_ context: ChannelHandlerContext) {
            let deadline = min(reading ?? .distantFuture, writing ?? .distantFuture)
            guard deadline != .distantFuture else { return }
            if let timer {
                guard deadline < timer.at else { return }
                timer.task.cancel()
            }
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            let task = context.value.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
                guard let self else { return }
                look(context.value)
            }
            timer = (deadline, task)
        }

        /// The timer's time has come: closes, when something awaited is not there, or waits for what is awaited now.
        private func look(_ context: ChannelHandlerContext) {
            timer = nil
            let now = context.eventLoop.now
            if let reading, reading <= now { return context.close(promise: nil) }
            if let writing, writing <= now { return context.close(promise: nil) }
            watch(context)
        }

        private func rest() {
            timer?.task.cancel()
            (timer, reading, writing) = (nil, nil, nil)
        }
    }
#endif
