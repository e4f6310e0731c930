/// A rule that raises an alarm, and what proves it.
public struct AlertRule: Sendable, Hashable {
    /// The name, in camel case.
    public var name: String
    /// In PromQL.
    public var expression: String
    /// How long the expression must hold, `5m`.
    public var duration: String
    /// `page` for what cannot wait, `ticket` for what can.
    public var severity: String
    /// What is wrong, in one line.
    public var summary: String
    /// What to do first.
    public var action: String
    /// The metrics and labels that the expression reads: they must be registered.
    public var reads: [String: [String]]
    /// Series under which it fires, and under which it does not.
    public var proofs: [Proof]

    /// Series of one sample a minute, and what the rule does with them.
    public struct Proof: Sendable, Hashable {
        /// Series and values, in promtool's notation.
        public var series: [String: String]
        /// When to look, `15m`.
        public var time: String
        /// The labels under which it fires; `nil` when it must not.
        public var fires: [String: String]?

        /// A proof.
        public init(series: [String: String], at time: String, fires: [String: String]?) {
            self.series = series
            self.time = time
            self.fires = fires
        }
    }

    /// A rule.
    public init(
        name: String, expression: String, duration: String, severity: String, summary: String, action: String,
        reads: [String: [String]], proofs: [Proof] = []
    ) {
        self.name = name
        self.expression = expression
        self.duration = duration
        self.severity = severity
        self.summary = summary
        self.action = action
        self.reads = reads
        self.proofs = proofs
    }
}

extension AlertThresholds {
    /// The alarms of a service: slow answers, an exhausted pool, one that refuses callers, memory, and the budget of errors.
    public var rules: [AlertRule] { [slow, exhausted, overloaded, memory] + burnRates }

    private var slow: AlertRule {
        let metric = "api_request_duration_seconds"
        let bound = number(highResponseTime.value)
        func series(_ fast: Int, _ all: Int) -> [String: String] {
            [
                #"\#(metric)_bucket{endpoint="/x",le="\#(bound)"}"#: "0+\(fast)x60",
                #"\#(metric)_bucket{endpoint="/x",le="\#(number(highResponseTime.value * 4))"}"#: "0+\(all)x60",
                #"\#(metric)_bucket{endpoint="/x",le="+Inf"}"#: "0+\(all)x60",
            ]
        }
        return AlertRule(
            name: "HighResponseTime",
            expression: "histogram_quantile(0.95, sum by (le, endpoint) (rate(\(metric)_bucket[5m]))) > \(bound)",
            duration: highResponseTime.duration, severity: "page",
            summary: "The 95th percentile of an endpoint is above \(bound) s.",
            action: "Look at the pool, at slow queries and at what was deployed last.", reads: [metric: ["endpoint"]],
            proofs: [
                AlertRule.Proof(series: series(10, 60), at: "40m", fires: ["endpoint": "/x"]),
                AlertRule.Proof(series: series(60, 60), at: "40m", fires: nil),
            ])
    }

    private var exhausted: AlertRule {
        func series(_ active: Int) -> [String: String] {
            [
                #"db_connections_active{pool="main"}"#: "\(active)+0x60",
                #"db_connections_max{pool="main"}"#: "1000+0x60",
            ]
        }
        let above = min(1000, Int(connectionPoolExhausted.value * 1000) + 1)
        return AlertRule(
            name: "ConnectionPoolExhausted",
            expression: "max by (pool) (db_connections_active / db_connections_max) > "
                + number(connectionPoolExhausted.value),
            duration: connectionPoolExhausted.duration, severity: "page",
            summary: "More than \(percent(connectionPoolExhausted.value)) of a pool's connections are in use.",
            action: "Look for leases held long, then make the pool larger or add an instance.",
            reads: ["db_connections_active": ["pool"], "db_connections_max": ["pool"]],
            proofs: [
                AlertRule.Proof(series: series(above), at: "40m", fires: ["pool": "main"]),
                AlertRule.Proof(series: series(above - 2), at: "40m", fires: nil),
            ])
    }

    private var overloaded: AlertRule {
        func series(_ refused: Int) -> [String: String] {
            [
                #"db_pool_shed_total{pool="main",priority="0"}"#: "0+\(refused)x60",
                #"db_pool_shed_total{pool="main",priority="1"}"#: "0+0x60",
            ]
        }
        let bound = connectionPoolOverloaded.value
        return AlertRule(
            name: "ConnectionPoolOverloaded",
            expression: "sum by (pool) (rate(db_pool_shed_total[2m])) > \(number(bound))",
            duration: connectionPoolOverloaded.duration, severity: "page",
            summary: "A pool refuses more than \(number(bound)) callers a second, because more come than it serves.",
            action: "Find who calls so often or which statements have become slow; then add instances or connections.",
            reads: ["db_pool_shed_total": ["pool"]],
            proofs: [
                AlertRule.Proof(series: series(Int(bound * 60) + 60), at: "40m", fires: ["pool": "main"]),
                AlertRule.Proof(series: series(Int(bound * 30)), at: "40m", fires: nil),
            ])
    }

    private var memory: AlertRule {
        func series(_ used: Int) -> [String: String] {
            [
                #"process_memory_working_set_bytes{instance="a"}"#: "\(used)+0x60",
                #"process_memory_limit_bytes{instance="a"}"#: "1000+0x60",
            ]
        }
        let above = Int(memoryUsageHigh.value * 1000) + 1
        return AlertRule(
            name: "MemoryUsageHigh",
            expression: "process_memory_working_set_bytes / process_memory_limit_bytes > "
                + number(memoryUsageHigh.value),
            duration: memoryUsageHigh.duration, severity: "ticket",
            summary: "More than \(percent(memoryUsageHigh.value)) of the memory is in use.",
            action: "Compare with the load; a rise without one is a leak: restart, then take a heap profile.",
            reads: ["process_memory_working_set_bytes": [], "process_memory_limit_bytes": []],
            proofs: [
                AlertRule.Proof(series: series(above), at: "40m", fires: ["instance": "a"]),
                AlertRule.Proof(series: series(above - 2), at: "40m", fires: nil),
            ])
    }

    /// Two windows each, so that an alarm comes early and ends soon (Google, The Site Reliability Workbook, chapter 5).
    private var burnRates: [AlertRule] {
        let pairs: [(Double, String, String, String, String)] = [
            (14.4, "1h", "5m", "page", "Fast"), (6, "6h", "30m", "page", "Steady"), (3, "1d", "2h", "ticket", "Slow"),
            (1, "3d", "6h", "ticket", "Creeping"),
        ]
        return pairs.map { factor, long, short, severity, word in
            func ratio(_ window: String) -> String {
                "sum(rate(api_requests_total{status=~\"5..\"}[\(window)])) / sum(rate(api_requests_total[\(window)]))"
            }
            let budget = number(factor * (1000 - availability * 1000).rounded() / 1000)
            func series(_ good: Int, _ bad: Int) -> [String: String] {
                [
                    #"api_requests_total{method="GET",endpoint="/x",status="200"}"#: "0+\(good)x100",
                    #"api_requests_total{method="GET",endpoint="/x",status="500"}"#: "0+\(bad)x100",
                ]
            }
            return AlertRule(
                name: "ErrorBudgetBurn\(word)",
                expression: "(\(ratio(long)) > \(budget)) and (\(ratio(short)) > \(budget)) and "
                    + "(sum(rate(api_requests_total[\(short)])) > 0.05)",
                duration: "2m", severity: severity,
                summary: "Errors use up the budget \(number(factor)) times as fast as it lasts.",
                action: "Find the endpoint with most answers of 5xx; roll back what was deployed last.",
                reads: ["api_requests_total": ["status"]],
                proofs: [
                    AlertRule.Proof(series: series(90, 10), at: "90m", fires: [:]),
                    AlertRule.Proof(series: series(100_000, 1), at: "90m", fires: nil),
                    // One request in five minutes: too few to judge.
                    AlertRule.Proof(
                        series: [
                            #"api_requests_total{method="GET",endpoint="/x",status="500"}"#:
                                "0 0 0 0 1 1 1 1 1 1+0x90"
                        ], at: "8m", fires: nil),
                ])
        }
    }

    private func number(_ value: Double) -> String { "\((value * 1e9).rounded() / 1e9)" }
    private func percent(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }
}
