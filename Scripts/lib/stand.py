"""A stand for trying the server on: PostgreSQL, Prometheus and patient-server on free loopback ports in one temporary folder.

    with Stand() as stand:
        server = stand.server(stand.postgres())

Everything it started is stopped by its process id when the block ends: after an error, after Ctrl-C, and (the kernel sees to
it) when this process is killed.
"""
import ctypes
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_libc = ctypes.CDLL(None)


class Trouble(Exception):
    """What went wrong, in one line that says what to do."""


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def seconds(text):
    """The seconds of `90`, `90s`, `10m`, `48h`."""
    factor = {"s": 1, "m": 60, "h": 3600}.get(text[-1:])
    try:
        value = float(text[:-1]) * factor if factor else float(text)
    except ValueError:
        raise Trouble(f"“{text}” is no duration; write 90s, 10m or 48h") from None
    if value <= 0:
        raise Trouble("a duration is above 0")
    return value


def server_binary():
    """Builds the server in release mode, unless VITALS_SERVER names one, and returns its path."""
    given = os.environ.get("VITALS_SERVER")
    if given:
        if not os.access(given, os.X_OK):
            raise Trouble(f"VITALS_SERVER: {given} is no program")
        return given
    build = ["swift", "build", "-c", "release", "--package-path", "Examples/PatientServer", "--scratch-path", ".build",
             "--product", "patient-server"]
    say("building patient-server (the first time takes some minutes)")
    done = subprocess.run(build, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Trouble(f"patient-server does not build:\n{done.stdout[-4000:]}")
    folder = subprocess.run(build + ["--show-bin-path"], cwd=ROOT, capture_output=True, text=True, check=True)
    return os.path.join(folder.stdout.strip(), "patient-server")


def venv(name, requirements):
    """The Python of a virtual environment under .build that holds exactly what a requirements file pins."""
    folder = os.path.join(ROOT, ".build", name)
    python = os.path.join(folder, "bin", "python")
    wanted = open(requirements).read()
    stamp = os.path.join(folder, "installed.txt")
    if os.path.exists(stamp) and open(stamp).read() == wanted:
        return python
    say(f"installing {os.path.relpath(requirements, ROOT)} into .build/{name}")
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements], check=True)
    with open(stamp, "w") as file:
        file.write(wanted)
    return python


def answers(url):
    """Whether an address answers 200 at once."""
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except OSError:
        return False


def parse_exposition(text):
    """The samples of a scrape: name with labels → value."""
    samples = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            samples[name] = float(value)
    return samples


class Child:
    """A process this stand started."""

    def __init__(self, process, log, stop_signal):
        self.process, self.log, self.stop_signal = process, log, stop_signal
        self.pid = process.pid

    def running(self):
        return self.process.poll() is None

    def stop(self, patience=40):
        """Stops the process as an operator would and returns its exit code; kills it when that takes too long."""
        if self.running():
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def output(self, limit=4000):
        with open(self.log, errors="replace") as file:
            return file.read()[-limit:]


class Server(Child):
    """A patient-server that is ready."""

    base = ""
    database = ""

    def get(self, path, method="GET", body=None, timeout=30):
        """Status and body of one request."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, method=method, data=data, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def json(self, path, method="GET", body=None):
        status, text = self.get(path, method, body)
        if status >= 300:
            raise Trouble(f"{method} {path} answers {status}: {text[:500].decode(errors='replace')}")
        return json.loads(text)

    def metrics(self):
        return parse_exposition(self.get("/metrics")[1].decode())

    def generate(self, patients, seed=7, preset="training_exercise"):
        """Runs a generation to its end and returns its job."""
        body = {"preset": preset, "total_patients": patients, "seed": seed}
        job = self.json("/api/v1/generation/", "POST", body)["job_id"]
        while True:
            shown = self.json(f"/api/v1/jobs/{job}")
            if shown["status"] == "completed":
                return job
            if shown["status"] in ("failed", "cancelled"):
                raise Trouble(f"the generation {job} ended as {shown['status']}: {shown}")
            time.sleep(0.05)


class Locust(Child):
    """Users of Tests/Load/locustfile.py at work; they end by themselves."""

    figures = ""

    def result(self):
        """What it measured, once it has ended."""
        if not os.path.exists(self.figures):
            raise Trouble(f"locust ended with {self.process.returncode} and left no figures:\n{self.output()}")
        with open(self.figures) as file:
            return json.load(file)


class Stand:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="vitals-stand-")
        os.chmod(self.folder, 0o755)
        self.children = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, *_):
        previous = [signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)]
        for child in reversed(self.children):
            child.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), previous):
            signal.signal(number, handler)

    def start(self, name, command, kind=Child, stop_signal=signal.SIGTERM, user=None, env=None):
        """Starts a program in a session of its own: a Ctrl-C is for the stand alone, which then stops it."""
        log = os.path.join(self.folder, f"{name}-{len(self.children)}.log")
        ends_with_us = (lambda: _libc.prctl(1, int(stop_signal))) if sys.platform == "linux" else None  # PR_SET_PDEATHSIG
        with open(log, "w") as file:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=ends_with_us, user=user, cwd=self.folder, env={**os.environ, **(env or {})})
        child = kind(process, log, stop_signal)
        self.children.append(child)
        child.again = lambda: self.start(name, command, kind, stop_signal, user, env)
        return child

    def until(self, what, child, ready, patience=60):
        end = time.monotonic() + patience
        while not ready():
            if not child.running():
                raise Trouble(f"{what} ended with {child.process.returncode} before it was ready:\n{child.output()}")
            if time.monotonic() > end:
                raise Trouble(f"{what} was not ready within {patience} s:\n{child.output()}")
            time.sleep(0.05)

    @staticmethod
    def postgres_program(name):
        found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: float(path.split("/")[4]))
        path = found[-1] if found else shutil.which(name)
        if not path:
            raise Trouble(f"{name} is not installed (Debian: postgresql)")
        return path

    def postgres(self, max_connections=300):
        """The address of a fresh PostgreSQL server."""
        data = os.path.join(self.folder, f"postgres-{len(self.children)}")
        os.mkdir(data, 0o700)
        user = "postgres" if os.getuid() == 0 else None  # it refuses root
        if user:
            shutil.chown(data, user)
        subprocess.run([self.postgres_program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=data)
        port = free_port()
        child = self.start("postgres", [
            self.postgres_program("postgres"), "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", "-c", f"max_connections={max_connections}", "-c", "autovacuum_naptime=5s",
        ], stop_signal=signal.SIGINT, user=user)
        address = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self.postgres_is_ready(child, address)
        return address

    def postgres_is_ready(self, child, address):
        is_ready = [self.postgres_program("pg_isready"), "-q", "-d", address]
        self.until("PostgreSQL", child, lambda: subprocess.run(is_ready).returncode == 0)

    def query(self, address, sql):
        """The rows of a statement, as lists of text."""
        done = subprocess.run([self.postgres_program("psql"), "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", address,
                               "-c", sql], capture_output=True, text=True)
        if done.returncode:
            raise Trouble(f"psql: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def sqlite(self, name="vitals.sqlite"):
        return f"sqlite://{os.path.join(self.folder, name)}"

    def server(self, database, *arguments, program=None, env=None):
        """A patient-server on a database, ready."""
        port = free_port()
        command = [program or server_binary(), "serve", "--port", str(port), "--database", database, *arguments]
        return self.ready(self.start("patient-server", command, kind=Server, env=env), f"http://127.0.0.1:{port}", database)

    def ready(self, server, base, database):
        server.base, server.database = base, database
        self.until("patient-server", server, lambda: answers(f"{base}/api/v1/health/ready"))
        return server

    def locust(self, user, base, users, duration, spawn=None, patience=10, env=None):
        """So many users of a kind against an address, for so many seconds; all at once unless `spawn` a second."""
        python = venv("load-venv", os.path.join(ROOT, "Tests/Load/requirements.txt"))
        figures = os.path.join(self.folder, f"figures-{len(self.children)}.json")
        child = self.start("locust", [
            python, "-m", "locust", "-f", os.path.join(ROOT, "Tests/Load/locustfile.py"), user, "--host", base, "--headless",
            "--users", str(users), "--spawn-rate", str(spawn or users), "--run-time", f"{max(1, round(duration))}s",
            "--stop-timeout", f"{patience}s", "--only-summary", "--loglevel", "WARNING",
        ], kind=Locust, env={"LOAD_JSON": figures, **(env or {})})
        child.figures = figures
        return child

    def prometheus(self, targets, interval="1s"):
        """A Prometheus that scrapes `host:port` targets: {job name: target}; returns its address."""
        jobs = "".join(
            f"  - job_name: {name}\n    static_configs: [{{targets: ['{target}']}}]\n" for name, target in targets.items())
        config = os.path.join(self.folder, f"prometheus-{len(self.children)}.yml")
        with open(config, "w") as file:
            file.write(f"global: {{scrape_interval: {interval}}}\nscrape_configs:\n{jobs}")
        port = free_port()
        child = self.start("prometheus", [
            shutil.which("prometheus") or "/usr/bin/prometheus", f"--config.file={config}",
            f"--storage.tsdb.path={self.folder}/prometheus-{port}", f"--web.listen-address=127.0.0.1:{port}"])
        base = f"http://127.0.0.1:{port}"
        self.until("Prometheus", child, lambda: answers(f"{base}/-/ready"))
        return base


def ask_prometheus(base, expression):
    """The values of an expression."""
    url = f"{base}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(url, timeout=10) as answer:
        return [float(sample["value"][1]) for sample in json.load(answer)["data"]["result"]]


def main(body):
    """Runs a script's body; its result is the exit code, its trouble one line."""
    try:
        sys.exit(body())
    except Trouble as trouble:
        say(f"error: {trouble}")
        sys.exit(2)
    except KeyboardInterrupt:
        say("stopped")
        sys.exit(130)
