import ServiceMetrics

let registry = MetricRegistry()
let visits = try registry.counter("visits_total", help: "Visits recorded.", labels: "ward")
visits.with("north").increment()
var page: [UInt8] = []
registry.write(.prometheusText, into: &page)
print(String(decoding: page, as: UTF8.self))
