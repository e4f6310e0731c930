#if Hummingbird
    public import Hummingbird
    public import ServiceMetrics

    extension RouterMethods {
        /// Adds the page that Prometheus scrapes, in the format that the client prefers.
        /// - Parameters:
        ///   - registry: Whose metrics are written.
        ///   - path: Where.
        @discardableResult
        public func addMetricsRoute(_ registry: MetricRegistry, path: RouterPath = "metrics") -> Self {
            get(path) { request, _ in
                let format = ExpositionFormat.negotiate(accept: request.headers[.accept])
                var body: [UInt8] = []
                registry.write(format, into: &body)
                return answer(body, format.contentType)
            }
        }
    }
#endif
