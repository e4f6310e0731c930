"""Backs up, destroys, restores and verifies, as Documentation/Backup.md says, on SQLite and on PostgreSQL.

    python3 Tests/Operations/backup.py [sqlite|postgres]

The backup is taken while the server works. What was finished by then must be there after the restore, byte for byte; what was
under way must be finished by the restored server; what came later must be gone.
"""
import hashlib
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Scripts/lib"))
from stand import ROOT, Stand, Trouble, main, say, server_binary

PATIENTS = 300


def commands(heading, **values):
    """The shell block under a heading of Documentation/Backup.md, with its example values replaced."""
    page = open(os.path.join(ROOT, "Documentation/Backup.md")).read()
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    if len(blocks) != 1:
        raise Trouble(f"Backup.md has {len(blocks)} shell blocks under “{heading}”, not one")
    return blocks[0], values


def shell(stand, block, values):
    """Runs a block of the page as it stands; its variables are the environment's."""
    path = os.path.dirname(stand.postgres_program("psql")) + ":" + os.path.dirname(server_binary()) + ":" + os.environ["PATH"]
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], env={**os.environ, "PATH": path, **values}, cwd=stand.folder,
                          capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"a block of Backup.md fails:\n{block}\n{done.stdout}{done.stderr}")


def download(server, job):
    status, data = server.get(f"/api/v1/downloads/{job}?format=ndjson")
    if status != 200 or data.count(b"\n") != PATIENTS:
        raise Trouble(f"the download of {job} answers {status} with {data.count(bytes([10]))} lines")
    return hashlib.sha256(data).hexdigest()


def finish(server, job):
    for _ in range(1200):
        status = server.json(f"/api/v1/jobs/{job}")["status"]
        if status == "completed":
            return
        if status in ("failed", "cancelled"):
            break
        subprocess.run(["sleep", "0.05"])
    raise Trouble(f"the job that was under way is {status} on the restored server")


def try_out(stand, database):
    folder = os.path.join(stand.folder, database)
    os.mkdir(folder)
    if database == "sqlite":
        address = f"sqlite://{folder}/vitals.sqlite"
        values = {"FILE": f"{folder}/vitals.sqlite", "BACKUP": f"{folder}/backup.sqlite"}
    else:
        server = stand.postgres()
        stand.query(server, "CREATE DATABASE clinic")
        address = server[: server.rindex("/")] + "/clinic"
        values = {"DATABASE_URL": address, "ADMIN_URL": server, "BACKUP": f"{folder}/clinic.dump", "NAME": "clinic"}
    server = stand.server(address, "--log-level", "warning", "--chunk-size", "50")
    finished = server.generate(PATIENTS, seed=11)
    before = download(server, finished)
    saved = server.json("/api/v1/configurations/", "POST", {"name": "kept", "scenario": {"total_patients": 10}})["id"]
    under_way = server.json("/api/v1/generation/", "POST",
                            {"preset": "training_exercise", "total_patients": 20_000, "seed": 5})["job_id"]
    heading = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[database]
    shell(stand, *commands(f"{heading}: back up", **values))
    later = server.json("/api/v1/configurations/", "POST", {"name": "later", "scenario": {"total_patients": 10}})["id"]
    server.process.kill()  # the worst way to go
    server.process.wait()
    if database == "sqlite":
        for ending in ("", "-wal", "-shm"):
            path = values["FILE"] + ending
            if os.path.exists(path):
                os.remove(path)
    else:
        stand.query(values["ADMIN_URL"], "DROP DATABASE clinic WITH (FORCE)")
    shell(stand, *commands(f"{heading}: restore", **values))
    server = stand.server(address, "--log-level", "warning", "--chunk-size", "50")
    if download(server, finished) != before:
        raise Trouble("the finished generation is another after the restore")
    if server.json(f"/api/v1/configurations/{saved}")["name"] != "kept":
        raise Trouble("the saved configuration is another after the restore")
    if server.get(f"/api/v1/configurations/{later}")[0] != 404:
        raise Trouble("what came after the backup is there after the restore: nothing was destroyed")
    finish(server, under_way)
    if server.stop() != 0:
        raise Trouble(f"the restored server does not end cleanly:\n{server.output()}")
    say(f"{database}: backed up, destroyed, restored, verified")


def body():
    os.environ["VITALS_SERVER"] = server_binary()
    with Stand() as stand:
        for database in sys.argv[1:] or ["sqlite", "postgres"]:
            try_out(stand, database)
    return 0


main(body)
