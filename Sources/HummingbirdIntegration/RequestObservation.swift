#if Hummingbird
    public import Hummingbird
    import HTTPTypes
    import Logging
    public import ServiceMetrics
    import Synchronization

    /// Observes every request: its id, how long it took, what it answered and how much it sent.
    ///
    /// Put it first, before whatever turns errors into responses. It sets `X-Response-Time` (seconds until the response's
    /// head), honours and echoes `X-Request-ID`, counts and times by route *template*, and writes one access-log line
    /// when the response has ended. A request that throws or whose stream is cut is counted as well. The histogram has the
    /// time until the response's head, so that long downloads and streams of events are not slow answers.
    ///
    /// | metric | labels |
    /// |---|---|
    /// | `api_requests_total` | `method`, `endpoint`, `status` |
    /// | `api_request_duration_seconds` | `endpoint` |
    /// | `api_requests_in_flight` | |
    /// | `api_response_bytes_total`, `api_request_bytes_total` | `endpoint` |
    ///
    /// `endpoint` is the route's template (`/jobs/{id}`), never the path; what no route matches is one value, `unmatched`.
    public struct RequestObservation<Context: RequestContext>: RouterMiddleware {
        private let instruments: RequestInstruments
        private let accessLog: Bool

        /// Registers its metrics.
        /// - Parameters:
        ///   - registry: Where the metrics are registered.
        ///   - accessLog: Whether each finished response is one line of the log.
        /// - Throws: When one of the names is taken by a metric of another type.
        public init(registry: MetricRegistry, accessLog: Bool = true) throws {
            instruments = try RequestInstruments(registry: registry)
            self.accessLog = accessLog
        }

        /// Observes one request.
        public func handle(
            _ request: Request, context: Context, next: (Request, Context) async throws -> Response
        ) async throws -> Response {
            let id = RequestID.accepted(request.headers[.requestID]) ?? RequestID.make()
            var context = context
            context.logger[metadataKey: "request_id"] = .string(id)
            let observed = ObservedRequest(
                instruments: instruments, method: request.method, path: request.uri.path, id: id,
                received: request.headers[.contentLength].flatMap { Int($0) } ?? 0,
                logger: accessLog ? context.logger : nil)
            var response: Response
            do {
                response = try await next(request, context)
            } catch {
                let status = (error as? any HTTPResponseError)?.status ?? .internalServerError
                observed.end(
                    endpoint: context.endpointPath, status: status.code, sent: 0, aborted: error is CancellationError)
                throw error
            }
            let elapsed = observed.elapsed
            response.headers.append(HTTPField(name: .responseTime, value: formatSeconds(elapsed)))
            response.headers.append(HTTPField(name: .requestID, value: id))
            return observe(response, observed, endpoint: context.endpointPath, answered: elapsed)
        }

        /// A short response ends with its head; a long or streamed one when its last byte is written.
        private func observe(
            _ response: Response, _ observed: ObservedRequest, endpoint: String?, answered: Duration
        ) -> Response {
            let status = response.status.code
            if let length = response.body.contentLength, length <= 65_536 {
                observed.end(endpoint: endpoint, status: status, sent: length, aborted: false)
                return response
            }
            var response = response
            let body = response.body
            response.body = ResponseBody(contentLength: body.contentLength) { writer in
                let sent = ByteCount()
                do {
                    try await body.map { buffer in
                        sent.add(buffer.readableBytes)
                        return buffer
                    }.write(writer)
                    observed.end(
                        endpoint: endpoint, status: status, sent: sent.value, aborted: false, answered: answered)
                } catch {
                    observed.end(
                        endpoint: endpoint, status: status, sent: sent.value, aborted: true, answered: answered)
                    throw error
                }
            }
            return response
        }
    }

    /// Bytes counted by one writer.
    private final class ByteCount: Sendable {
        private let bytes = Atomic<Int>(0)
        var value: Int { bytes.load(ordering: .relaxed) }
        func add(_ count: Int) { bytes.wrappingAdd(count, ordering: .relaxed) }
    }

    extension HTTPField.Name {
        static let requestID = unchecked("X-Request-ID")
        static let responseTime = unchecked("X-Response-Time")

        /// A name that the program itself wrote.
        private static func unchecked(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .server }
    }

    /// Seconds with six decimals, written without a formatter.
    func formatSeconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let digits = String(attoseconds / 1_000_000_000_000)
        return "\(seconds).\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
    }
#endif
