"""Runs the server, and the suites of the cores, under the leak sanitizer: whatever is unreachable at the end is a leak.

    python3 Tests/Operations/leaks.py [server] [suites]

The sanitizer is preloaded into what is built already (Debian: liblsan0), so nothing is built again. Only suites that start no
program of their own can run so: a child would be judged too.
"""
import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Scripts/lib"))
from stand import ROOT, Stand, Trouble, main, say, server_binary

SUITES = ["ConnectionPoolTests", "HealthChecksTests", "RateLimitingTests", "JobQueueTests", "DriverExecutorsTests"]
LEAK = 23


def environment():
    found = glob.glob("/usr/lib/*/liblsan.so.0")
    if not found:
        raise Trouble("the leak sanitizer is not installed (Debian: liblsan0)")
    options = f"exitcode={LEAK}:suppressions={ROOT}/Scripts/lsan.supp:print_suppressions=0"
    return {"LD_PRELOAD": found[0], "LSAN_OPTIONS": options, "SWIFT_BACKTRACE": "enable=no"}


def judge(what, code, output):
    if code == LEAK:
        raise Trouble(f"{what} leaks:\n{output[-6000:]}")
    if code != 0:
        raise Trouble(f"{what} ends with {code} under the leak sanitizer:\n{output[-4000:]}")
    say(f"{what}: no leak")


def server():
    program = server_binary()
    with Stand() as stand:
        for name, database in (("SQLite", stand.sqlite()), ("PostgreSQL", stand.postgres())):
            server = stand.server(database, "--log-level", "warning", program=program, env=environment())
            for seed in range(3):
                job = server.generate(200, seed=seed)
                for format in ("ndjson", "csv", "fhir-bundle"):
                    server.get(f"/api/v1/downloads/{job}?format={format}")
                server.get(f"/api/v1/jobs/{job}/results?page=1&per_page=50")
            made = server.json("/api/v1/configurations/", "POST", {"name": "leak", "scenario": {"total_patients": 10}})
            server.get(f"/api/v1/configurations/{made['id']}", "DELETE")
            for path in ("/api/v1/health", "/metrics", "/nowhere", "/api/v1/jobs/?limit=x", "/"):
                server.get(path)
            code = server.stop()
            judge(f"patient-server on {name}", code, server.output(1 << 16))


def suite_types(suite):
    """The types that hold a suite's tests, a process each: the sanitizer keeps a table of all threads a process ever had and
    reads it without a lock, so it may crash by itself when the 513th thread moves that table elsewhere."""
    sources = "".join(open(file).read() for file in glob.glob(os.path.join(ROOT, "Tests", suite, "*.swift")))
    return sorted(set(re.findall(r"^(?:@Suite\b.*? )?(?:struct|final class|enum|actor) (\w+Tests)\b", sources, re.M)))


def suites():
    bundle = os.path.join(ROOT, ".build/debug/vitalsPackageTests.xctest")
    if not os.path.exists(bundle):
        raise Trouble("the tests are not built; run Scripts/test root first")
    for suite in SUITES:
        types = suite_types(suite)
        if not types:
            raise Trouble(f"Tests/{suite} has no suite")
        for name in types:
            run(bundle, f"{suite}.{name}")


def run(bundle, suite):
    done = subprocess.run([bundle, "--testing-library", "swift-testing", "--filter", rf"^{suite}/".replace(".", r"\.")], cwd=ROOT,
                          env={**os.environ, **environment()}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if "Test run with 0 tests" in done.stdout:
        raise Trouble(f"{suite}: no test ran")
    judge(suite, done.returncode, done.stdout)


def body():
    parts = {"server": server, "suites": suites}
    for name in sys.argv[1:] or parts:
        parts[name]()
    return 0


main(body)
