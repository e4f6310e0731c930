"""The same summary as vitals-log, as an operator would write it: python3 summary.py FILE"""
import json
import sys
from collections import defaultdict

durations, failures = defaultdict(list), defaultdict(int)
with open(sys.argv[1], "rb") as file:
    for line in file:
        record = json.loads(line)
        endpoint = record.get("endpoint")
        if endpoint is None:
            continue
        durations[endpoint].append(float(record["duration_ms"]))
        failures[endpoint] += record["status"] >= 500
for endpoint, values in sorted(durations.items()):
    values.sort()
    p50, p95, p99 = (values[min(len(values) - 1, int(len(values) * share))] for share in (0.5, 0.95, 0.99))
    print(f"{endpoint}: {len(values)} requests, {failures[endpoint]} failed, p50 {p50}, p95 {p95}, p99 {p99}")
