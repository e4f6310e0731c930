"""Speaks HTTP wrongly to a real server, on purpose: seeded mutations of good requests over raw sockets.

    python3 Tests/Fuzz/http_inputs.py [--seconds 60] [--seed 1]

The server must stay up, answer no request with 500, and answer every refusal that names JSON with a JSON object.
The first failing request is printed as it was sent.
"""
import argparse
import json
import os
import random
import re
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Scripts/lib"))
from stand import Stand, Trouble, main, say

SCENARIO = json.dumps({"scenario": {"total_patients": 20, "days_of_fighting": 2, "base_date": "2025-06-01", "intensity": "low",
                                    "injury_mix": {"Disease": 0.5, "Non-Battle Injury": 0.3, "Battle Injury": 0.2}}, "seed": 7})
GOOD = [
    ("GET", "/api/v1/health", {}, ""),
    ("GET", "/api/v1/jobs/?limit=20&cursor=abc", {}, ""),
    ("GET", "/api/v1/jobs/{job}/results?page=1&per_page=20", {}, ""),
    ("GET", "/api/v1/downloads/{job}?format=csv", {"Range": "bytes=0-99"}, ""),
    ("GET", "/api/v1/streaming/generate?preset=training_exercise&total_patients=5&seed=1", {}, ""),
    ("POST", "/api/v1/generation/", {"Content-Type": "application/json", "Idempotency-Key": "k1"},
     '{"preset": "training_exercise", "total_patients": 5, "seed": 7}'),
    ("POST", "/api/v1/configurations/validate/", {"Content-Type": "application/json"}, SCENARIO),
    ("POST", "/api/v1/streaming/generate", {"Content-Type": "application/json"}, SCENARIO),
    ("POST", "/api/v1/configurations/", {"Content-Type": "application/json"},
     '{"name": "n", "scenario": {"total_patients": 10}}'),
    ("PUT", "/api/v1/configurations/x", {"Content-Type": "application/json", "If-Match": '"1"'},
     '{"name": "n", "scenario": {"total_patients": 10}}'),
    ("GET", "/api/v1/presets/training_exercise", {"Accept": "application/problem+json", "X-Request-ID": "abc"}, ""),
    ("GET", "/metrics", {"Accept": "application/openmetrics-text; version=1.0.0"}, ""),
]
TOKENS = [b"-1", b"0", b"18446744073709551616", b"9" * 400, b"1e999", b"null", b"\x00", b"\xff\xfe", b"%00", b"%", b"../", b"'\"",
          b"[" * 300, b'{"a":' * 200, b"\xed\xa0\x80", b"bytes=-1", b"bytes=5-1", b"bytes=0-,1-", b"\\ud800", b"NaN", b"1.5"]
END = b"\r\n\r\n"


def mutate(random, text, times):
    data = bytearray(text)
    for _ in range(times):
        at = random.randrange(len(data) + 1)
        kind = random.randrange(5)
        if kind == 0:
            data[at:at] = random.choice(TOKENS)
        elif kind == 1:
            data[at:at + random.randrange(1, 8)] = b""
        elif kind == 2 and at < len(data):
            data[at] = random.randrange(256)
        elif kind == 3:
            data[at:at + random.randrange(1, 12)] = random.choice(TOKENS)
        else:
            end = min(len(data), at + random.randrange(1, 40))
            data[at:at] = data[at:end]
    return bytes(data)


def request(random, job):
    """A request as bytes: its path, headers and body changed, its frame sometimes."""
    method, path, headers, body = random.choice(GOOD)
    path, body = path.replace("{job}", job).encode(), body.encode()
    where = random.randrange(4)
    if where == 0:
        path = bytes(byte for byte in mutate(random, path, random.randrange(1, 4)) if byte > 32) or b"/"
    if where == 1 and body:
        body = mutate(random, body, random.randrange(1, 6))
    named = {name: value.encode() for name, value in headers.items()}
    if where == 2 and named:
        name = random.choice(list(named))
        named[name] = bytes(byte for byte in mutate(random, named[name], 2) if byte not in b"\r\n")
    named |= {"Host": b"localhost", "Connection": b"close"}
    if body or method != "GET":
        named["Content-Length"] = str(len(body)).encode()
    whole = method.encode() + b" " + path + b" HTTP/1.1\r\n"
    whole += b"".join(name.encode() + b": " + value + b"\r\n" for name, value in named.items()) + b"\r\n" + body
    return mutate(random, whole, random.randrange(1, 4)) if where == 3 else whole


def send(port, data):
    """All that comes back, or nothing when the server hangs up; half-closing tells it that no more follows."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        answer = b""
        try:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            while len(answer) < 1 << 20:
                part = link.recv(65536)
                if not part:
                    break
                answer += part
        except (ConnectionError, TimeoutError):
            pass
        return answer


def fault(answer):
    """What is wrong with an answer; nothing when it is as it should be."""
    if not answer:
        return None  # hung up on what is no HTTP: allowed
    status = answer.split(b" ", 2)[1:2]
    if not status or not status[0].isdigit():
        return "the answer is no HTTP"
    if status[0] == b"500":
        return "answered with 500"
    head, _, body = answer.partition(END)
    length = re.search(rb"(?i)\ncontent-length: (\d+)", head)
    body = body[:int(length[1])] if length else body  # a second answer may follow: the request may have been two
    if status[0][:1] == b"4" and b"json" in head.lower() and b"chunked" not in head.lower() and body:
        try:
            if not isinstance(json.loads(body), dict):
                return "the error is no JSON object"
        except ValueError:
            return "the error is no JSON"
    return None


def body():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    source = random.Random(options.seed)
    with Stand() as stand:
        server = stand.server(stand.sqlite(), "--log-level", "critical", "--max-patients", "1000")
        job = server.generate(20)
        port = int(server.base.rsplit(":", 1)[1])
        end, count, statuses = time.monotonic() + options.seconds, 0, {}
        while time.monotonic() < end:
            data = request(source, job)
            count += 1
            try:
                answer = send(port, data)
            except ConnectionRefusedError:
                raise Trouble(f"the server is gone after request {count}: {data!r}\n{server.output()}") from None
            wrong = fault(answer) or (None if server.running() else f"the server ended:\n{server.output()}")
            if wrong:
                raise Trouble(f"request {count}, seed {options.seed}: {wrong}\n{data!r}\n{answer[:1000]!r}")
            key = answer.split(b" ", 2)[1].decode() if answer else "hung up"
            statuses[key] = statuses.get(key, 0) + 1
        status = server.get("/api/v1/health")[0]
        code = server.stop()
    if status != 200 or code != 0:
        raise Trouble(f"afterwards health is {status} and the server ends with {code}")
    say(f"stat::number_of_executed_units: {count}")
    say("answers: " + ", ".join(f"{name} × {times}" for name, times in sorted(statuses.items())))
    return 0


main(body)
