"""Measures prometheus_client: prints "name value" lines, nanoseconds or MB/s; `loop` is the empty loop."""

import time

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

COUNT = 200_000


def each(body):
    start = time.perf_counter_ns()
    for _ in range(COUNT):
        body()
    return (time.perf_counter_ns() - start) / COUNT


registry = CollectorRegistry()
counter = Counter("alone", "A.", registry=registry)
histogram = Histogram("alone_seconds", "B.", registry=registry, buckets=[0.005 * 2**i for i in range(12)])
family = Counter("requests", "C.", ["method", "endpoint", "status"], registry=registry)
print("loop", each(lambda: None))
print("counter-1", each(counter.inc))
print("histogram-1", each(lambda: histogram.observe(0.3)))
print("labels-1", each(lambda: family.labels("GET", "/api/v1/jobs/{id}", "200").inc()))

many = CollectorRegistry()
wide = Counter("requests", "C.", ["method", "endpoint", "status"], registry=many)
for index in range(10_000):
    wide.labels("GET", f"/api/v1/resource/{index}", "200").inc(index * 7919)
generate_latest(many)
start = time.perf_counter_ns()
text = generate_latest(many)
print("exposition", len(text) / (time.perf_counter_ns() - start) * 1000)
