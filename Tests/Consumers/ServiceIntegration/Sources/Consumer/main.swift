import HealthChecks
import ServiceIntegration
import ServiceLifecycle

let health = HealthRegistry()
let gate = DrainGate(health, grace: .milliseconds(1))
let group = ServiceGroup(
    configuration: .init(
        services: [
            .init(service: BackgroundService("nothing") {}, successTerminationBehavior: .gracefullyShutdownGroup),
            .init(service: gate),
        ],
        logger: .init(label: "consumer")))
try await group.run()
print(health.isDraining)
