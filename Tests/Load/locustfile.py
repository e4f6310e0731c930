"""Load as the epic asks for it: planners who look at jobs, read patients and start generations; and a stress of the pool.

    Scripts/load                                   # starts a server and runs this
    locust -f Tests/Load/locustfile.py Planner --host http://127.0.0.1:8000 --headless --users 100 --spawn-rate 10 --run-time 5m

Exit code 1 when the 95th percentile of simple queries is above P95_MS (100) or more than ERROR_RATE (0.001) of all fail.
LOAD_JSON names a file for the figures.
"""
import json
import os
import random
import time

import gevent
from locust import FastHttpUser, between, events, task
from locust.runners import STATE_STOPPED, STATE_STOPPING

P95_MS = float(os.environ.get("P95_MS", "100"))
ERROR_RATE = float(os.environ.get("ERROR_RATE", "0.001"))
API_KEY = os.environ.get("API_KEY")
SIMPLE = {"live", "ready", "health", "database", "jobs", "job", "presets", "results", "configurations", "configuration"}


class ServiceUser(FastHttpUser):
    abstract = True
    headers = {"Authorization": f"Bearer {API_KEY}"} if API_KEY else {}

    def get(self, path, name):
        return self.client.get(path, name=name, headers=self.headers)

    def post(self, path, body, name):
        return self.client.post(path, json=body, name=name, headers=self.headers)

    def generate(self, patients):
        answer = self.post(
            "/api/v1/generation/",
            {"preset": "training_exercise", "total_patients": patients, "seed": random.randrange(10**9)}, "generate")
        return answer.json()["job_id"] if answer.status_code == 202 else None


class Planner(ServiceUser):
    """Somebody who plans an exercise: waits, looks, reads, generates again now and then."""
    wait_time = between(0.05, 0.25)

    def on_start(self):
        self.finished = None
        self.job = self.generate(random.choice([100, 500, 2000]))

    @task(10)
    def status(self):
        if not self.job:
            return
        answer = self.get(f"/api/v1/jobs/{self.job}", "job")
        if answer.status_code == 200 and answer.json()["status"] == "completed":
            self.finished = self.job

    @task(6)
    def list_jobs(self):
        self.get("/api/v1/jobs/?limit=20", "jobs")

    @task(6)
    def page(self):
        if self.finished:
            self.get(f"/api/v1/jobs/{self.finished}/results?page=1&per_page=20", "results")

    @task(4)
    def presets(self):
        self.get("/api/v1/presets", "presets")

    @task(4)
    def database(self):
        self.get("/api/v1/health/database", "database")

    @task(4)
    def health(self):
        self.get("/api/v1/health", "health")

    @task(4)
    def ready(self):
        self.get("/api/v1/health/ready", "ready")

    @task(1)
    def download(self):
        if self.finished:
            self.get(f"/api/v1/downloads/{self.finished}?format=ndjson", "download")

    @task(1)
    def again(self):
        self.job = self.generate(random.choice([100, 500, 2000])) or self.job


class PoolStress(ServiceUser):
    """Every request takes a connection; many more users than the pool has."""
    wait_time = between(0.3, 0.7)

    def on_start(self):
        answer = self.post(
            "/api/v1/configurations/", {"name": f"stress {random.randrange(10**12)}", "scenario": {"total_patients": 10}},
            "save")
        self.configuration = answer.json().get("id") if answer.status_code == 201 else None

    @task(4)
    def list_jobs(self):
        self.get("/api/v1/jobs/?limit=20", "jobs")

    @task(4)
    def list_configurations(self):
        self.get("/api/v1/configurations/?limit=20", "configurations")

    @task(4)
    def show_configuration(self):
        if self.configuration:
            self.get(f"/api/v1/configurations/{self.configuration}", "configuration")

    @task(1)
    def database(self):
        self.get("/api/v1/health/database", "database")

    def on_stop(self):
        if self.configuration:
            self.client.delete(f"/api/v1/configurations/{self.configuration}", name="forget", headers=self.headers)


history = []


@events.test_start.add_listener
def watch(environment, **_):
    """One sample a second, for the pictures."""
    start = time.monotonic()

    def sample():
        while environment.runner and environment.runner.state not in (STATE_STOPPING, STATE_STOPPED):
            total = environment.stats.total
            history.append({
                "second": round(time.monotonic() - start, 1), "users": environment.runner.user_count,
                "requests_per_second": total.current_rps, "failures_per_second": total.current_fail_per_sec,
                "p50_ms": total.get_current_response_time_percentile(0.5),
                "p95_ms": total.get_current_response_time_percentile(0.95)})
            gevent.sleep(1)

    gevent.spawn(sample)


@events.quitting.add_listener
def judge(environment, **_):
    stats = environment.stats
    simple = {name: entry for (name, _), entry in stats.entries.items() if name in SIMPLE}
    slowest = max((entry.get_response_time_percentile(0.95) or 0 for entry in simple.values()), default=0)
    passed = bool(simple) and slowest < P95_MS and stats.total.fail_ratio < ERROR_RATE
    summary = {
        "passed": passed, "requests": stats.total.num_requests, "failures": stats.total.num_failures,
        "error_rate": stats.total.fail_ratio, "requests_per_second": round(stats.total.total_rps, 1),
        "p95_ms_of_slowest_simple_query": slowest, "limit_p95_ms": P95_MS, "limit_error_rate": ERROR_RATE,
        "by_name": {
            name: {"requests": entry.num_requests, "failures": entry.num_failures, "simple": name in SIMPLE,
                   "p50_ms": entry.get_response_time_percentile(0.5), "p95_ms": entry.get_response_time_percentile(0.95),
                   "p99_ms": entry.get_response_time_percentile(0.99), "max_ms": entry.max_response_time}
            for (name, _), entry in sorted(stats.entries.items())},
        "errors": [{"name": error.name, "error": str(error.error), "occurrences": error.occurrences}
                   for error in stats.errors.values()],
        "history": history,
    }
    path = os.environ.get("LOAD_JSON")
    if path:
        with open(path, "w") as file:
            json.dump(summary, file, indent=1)
    print(json.dumps({key: value for key, value in summary.items() if key not in ("by_name", "history", "errors")}))
    environment.process_exit_code = 0 if passed else 1
