"""Drives Scripts/canary with a real Prometheus that scrapes two targets: promote, roll back, undecided, unreachable.

The targets serve expositions whose figures this test moves, so that each verdict is reached for a known reason.
"""
import http.server
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Scripts/lib"))
from stand import ROOT, Stand, Trouble, ask_prometheus, main, say

BOUNDS = [0.005, 0.01, 0.05, 0.1, 0.5, 1.0]
WINDOW = "8s"


class Target:
    """A service under steady traffic: so many requests at every scrape, some of them failed, all of one duration."""

    def __init__(self):
        self.requests, self.failures, self.duration, self.memory = 40, 0, 0.02, 80e6
        self.answered = self.failed = 0
        self.buckets = [0] * len(BOUNDS)
        self.sum = 0.0
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = target.scrape().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def scrape(self):
        self.answered += self.requests - self.failures
        self.failed += self.failures
        self.buckets = [n + (self.requests if self.duration <= bound else 0) for n, bound in zip(self.buckets, BOUNDS)]
        self.sum += self.requests * self.duration
        total = self.answered + self.failed
        lines = ["# TYPE api_requests_total counter",
                 f'api_requests_total{{method="GET",endpoint="/x",status="200"}} {self.answered}',
                 f'api_requests_total{{method="GET",endpoint="/x",status="503"}} {self.failed}',
                 "# TYPE api_request_duration_seconds histogram"]
        lines += [f'api_request_duration_seconds_bucket{{endpoint="/x",le="{b}"}} {n}' for b, n in zip(BOUNDS, self.buckets)]
        lines += [f'api_request_duration_seconds_bucket{{endpoint="/x",le="+Inf"}} {total}',
                  f'api_request_duration_seconds_sum{{endpoint="/x"}} {self.sum}',
                  f'api_request_duration_seconds_count{{endpoint="/x"}} {total}',
                  "# TYPE process_resident_memory_bytes gauge", f"process_resident_memory_bytes {self.memory}"]
        return "\n".join(lines) + "\n"


def decide(address, *options):
    done = subprocess.run([os.path.join(ROOT, "Scripts/canary"), "--prometheus", address, "--canary", 'job="canary"', "--baseline",
                           'job="baseline"', "--window", WINDOW, *options], capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]


def expect(what, address, code, words, *options):
    """The window is full of what was set some seconds ago; until then the verdict is asked again."""
    end = time.monotonic() + 40
    while True:
        found, line = decide(address, *options)
        if found == code and words in line:
            say(f"{what}: exit {found}, {line}")
            return
        if time.monotonic() > end:
            raise Trouble(f"{what}: wanted exit {code} and “{words}”, got exit {found}: {line}")
        time.sleep(0.5)


def body():
    old, new = Target(), Target()
    with Stand() as stand:
        address = stand.prometheus({"baseline": old.address, "canary": new.address})
        expect("no traffic yet", address, 2, "undecided", "--minimum", "1e9")
        expect("alike", address, 0, "promote")
        new.failures = 4
        expect("one in ten fails", address, 1, "roll back: its error rate")
        new.failures = 0
        expect("mended", address, 0, "promote")
        new.duration = 0.3
        expect("slower", address, 1, "p95 s is")
        new.duration, new.memory = 0.02, 400e6
        expect("five times the memory", address, 1, "memory bytes is")
        new.memory = 80e6
        expect("mended again", address, 0, "promote")
        if not ask_prometheus(address, "sum(api_requests_total)"):
            raise Trouble("Prometheus scraped nothing")
    expect("no Prometheus", address, 2, "gives no answer")
    return 0


main(body)
