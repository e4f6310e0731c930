import HealthChecks

let health = HealthRegistry()
health.add(HealthCheck(name: "always") { .healthy })
await health.refresh()
health.started()
print(health.isReady, health.report().status)
