public import Logging
public import Tracing

extension Logger.MetadataProvider {
    /// `trace_id` and `span_id` of the task's `ServiceContext`, for logs that are found by their trace.
    ///
    /// ```swift
    /// LoggingSystem.bootstrap { JSONLogHandler(label: $0, sink: .standardOutput, metadataProvider: .traceIDs()) }
    /// ```
    /// The instrument is asked for a W3C `traceparent`, which tracers of any make write; traces that are not sampled count
    /// as well.
    /// - Parameter instrument: The one the process was bootstrapped with, by default; asked for at each record.
    public static func traceIDs(
        instrument: @escaping @Sendable () -> any Instrument = { InstrumentationSystem.instrument }
    ) -> Logger.MetadataProvider {
        Logger.MetadataProvider {
            guard let context = ServiceContext.current else { return [:] }
            var header: String?
            instrument().inject(context, into: &header, using: TraceParentInjector())
            let parts = header?.split(separator: "-") ?? []
            guard parts.count >= 4, parts[1].utf8.count == 32, parts[2].utf8.count == 16 else { return [:] }
            return ["trace_id": "\(parts[1])", "span_id": "\(parts[2])"]
        }
    }
}

/// Keeps the one header that is asked for.
private struct TraceParentInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout String?) {
        if key.lowercased() == "traceparent" { carrier = value }
    }
}
