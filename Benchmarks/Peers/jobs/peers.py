"""No-op jobs through other languages' queues on the same server. Prints "name rate" lines; a peer that fails is left out."""

import asyncio
import datetime
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import asyncpg

DSN = sys.argv[1]
COUNT = 3000


async def fresh(name: str) -> str:
    """A database of the peer's own."""
    connection = await asyncpg.connect(DSN)
    await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return DSN.rsplit("/", 1)[0] + "/" + name


async def procrastinate_rate() -> float:
    import procrastinate

    dsn = await fresh("peer_procrastinate")
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=dsn, min_size=4, max_size=20))
    done = 0

    @app.task(name="noop")
    async def noop() -> None:
        nonlocal done
        done += 1

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await noop.batch_defer_async(*[{} for _ in range(COUNT)])
        start = time.monotonic()
        await app.run_worker_async(concurrency=16, wait=False, listen_notify=False, install_signal_handlers=False)
        return done / (time.monotonic() - start)


async def pgqueuer_rate() -> float:
    from pgqueuer import PgQueuer
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries

    dsn = await fresh("peer_pgqueuer")
    connection = await asyncpg.connect(dsn)
    driver = AsyncpgDriver(connection)
    queries = Queries(driver)
    await queries.install()
    count = COUNT * 5
    await queries.enqueue(["noop"] * count, [None] * count, [0] * count)
    queue = PgQueuer(driver)
    done = 0
    finished = asyncio.Event()

    @queue.entrypoint("noop")
    async def noop(job) -> None:
        nonlocal done
        done += 1
        if done == count:
            finished.set()

    start = time.monotonic()
    running = asyncio.create_task(queue.run(dequeue_timeout=datetime.timedelta(seconds=1), batch_size=100))
    await asyncio.wait_for(finished.wait(), 60)
    rate = done / (time.monotonic() - start)
    queue.shutdown.set()
    await running
    await connection.close()
    return rate


CELERY = """
import celery
app = celery.Celery("peer", broker="redis://127.0.0.1:{port}/0")
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=1)
@app.task(name="noop")
def noop():
    app.backend  # nothing
    import redis
    global client
    try: client
    except NameError: client = redis.Redis(port={port}, db=1)
    client.incr("done")
"""


def celery_rate() -> float:
    """Celery as careful as we are: late acks, no prefetch, two processes; Redis appends to its log each second."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is not installed")
    import redis

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/peer_celery.py", "w", encoding="utf-8") as file:
            file.write(CELERY.format(port=port))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server = subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes"], **quiet
        )
        worker = None
        try:
            client = redis.Redis(port=port, db=1)
            for _ in range(200):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.02)
            sys.path.insert(0, folder)
            import peer_celery

            for _ in range(COUNT):
                peer_celery.noop.delay()
            worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "peer_celery", "worker", "-c", "2", "-l", "ERROR"],
                cwd=folder, env={**os.environ, "PYTHONPATH": folder}, **quiet,
            )
            deadline = time.monotonic() + 60
            while not client.get("done"):
                if time.monotonic() > deadline:
                    raise RuntimeError("the worker did not begin")
                time.sleep(0.002)
            start, first = time.monotonic(), int(client.get("done"))
            # On a slow machine what it has done in twenty seconds tells as much.
            while (done := int(client.get("done"))) < COUNT and time.monotonic() < start + 20:
                time.sleep(0.002)
            return (done - first) / (time.monotonic() - start)
        finally:
            for process in (worker, server):
                if process is not None:
                    process.terminate()
                    process.wait()


def measure(name: str, body) -> None:
    try:
        print(name, body(), flush=True)
    except Exception as error:
        print(f"{name} is left out: {error!r}", flush=True)


measure("Procrastinate", lambda: asyncio.run(procrastinate_rate()))
measure("PgQueuer", lambda: asyncio.run(pgqueuer_rate()))
measure("Celery+Redis", celery_rate)
