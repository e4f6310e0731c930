import HealthChecks
import Hummingbird
import HummingbirdIntegration
import ServiceMetrics

let registry = MetricRegistry()
let health = HealthRegistry()
let router = Router()
router.add(middleware: try RequestObservation(registry: registry))
router.addHealthRoutes(health, version: "1.0").addMetricsRoute(registry)
print(router.routes.map { "\($0.method) \($0.path)" }.sorted())
