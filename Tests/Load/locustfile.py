"""Load as the operators' epic asks for it: planners who look at jobs, read patients and start generations.

    locust -f Tests/Load/locustfile.py --host http://127.0.0.1:8000 --headless --users 100 --spawn-rate 10 --run-time 5m

Exit code 1 when the 95th percentile of simple queries is above P95_MS (100) or more than ERROR_RATE (0.001) of all fail.
"""
import json
import os
import random

from locust import HttpUser, between, events, task

P95_MS = float(os.environ.get("P95_MS", "100"))
ERROR_RATE = float(os.environ.get("ERROR_RATE", "0.001"))
API_KEY = os.environ.get("API_KEY")
SIMPLE = {"live", "ready", "health", "database", "jobs", "job", "presets", "results"}


class Planner(HttpUser):
    wait_time = between(0.05, 0.25)

    def on_start(self):
        if API_KEY:
            self.client.headers["Authorization"] = f"Bearer {API_KEY}"
        self.job = None
        self.finished = None
        self.generate()

    def generate(self):
        body = {"preset": "training_exercise", "total_patients": random.choice([100, 500, 2000]), "seed": random.randrange(10**9)}
        answer = self.client.post("/api/v1/generation/", json=body, name="generate")
        if answer.status_code == 202:
            self.job = answer.json()["job_id"]

    @task(10)
    def status(self):
        if not self.job:
            return
        answer = self.client.get(f"/api/v1/jobs/{self.job}", name="job")
        if answer.status_code == 200 and answer.json()["status"] == "completed":
            self.finished = self.job

    @task(6)
    def list_jobs(self):
        self.client.get("/api/v1/jobs/?limit=20", name="jobs")

    @task(6)
    def page(self):
        if self.finished:
            self.client.get(f"/api/v1/jobs/{self.finished}/results?page=1&per_page=20", name="results")

    @task(4)
    def presets(self):
        self.client.get("/api/v1/presets", name="presets")

    @task(4)
    def database(self):
        self.client.get("/api/v1/health/database", name="database")

    @task(4)
    def health(self):
        self.client.get("/api/v1/health", name="health")

    @task(4)
    def ready(self):
        self.client.get("/api/v1/health/ready", name="ready")

    @task(1)
    def download(self):
        if self.finished:
            self.client.get(f"/api/v1/downloads/{self.finished}?format=ndjson", name="download")

    @task(1)
    def again(self):
        self.generate()


@events.quitting.add_listener
def judge(environment, **_):
    stats = environment.stats
    slowest = max((entry.get_response_time_percentile(0.95) or 0 for (name, _), entry in stats.entries.items() if name in SIMPLE), default=0)
    summary = {
        "requests": stats.total.num_requests, "failures": stats.total.num_failures, "error_rate": stats.total.fail_ratio,
        "requests_per_second": round(stats.total.total_rps, 1), "p95_ms_of_slowest_simple_query": slowest,
        "by_name": {
            name: {"requests": entry.num_requests, "failures": entry.num_failures,
                   "p50_ms": entry.get_response_time_percentile(0.5), "p95_ms": entry.get_response_time_percentile(0.95),
                   "p99_ms": entry.get_response_time_percentile(0.99)}
            for (name, _), entry in sorted(stats.entries.items())},
    }
    path = os.environ.get("LOAD_JSON")
    if path:
        with open(path, "w") as file:
            json.dump(summary, file, indent=1)
    print(json.dumps({key: value for key, value in summary.items() if key != "by_name"}))
    passed = stats.total.num_requests > 0 and slowest <= P95_MS and stats.total.fail_ratio <= ERROR_RATE
    environment.process_exit_code = 0 if passed else 1
