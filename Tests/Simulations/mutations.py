#!/usr/bin/env python3
"""Shows that the simulation can fail: breaks a copy of the pool in one small way after another, and counts the schedules until
each is found.

    Tests/Simulations/mutations.py [--count N] [WORD…]     words select mutations by their names

Exits with 1 when one is not found within N schedules (a million by default), or does not apply to the sources any more.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
POOL = os.path.join(HERE, "../../Sources/ConnectionPool")

# What is broken, in which file, the text that stands there and what stands there instead.
MUTATIONS = [
    ("cancellation is not looked at again under the lock", "Pool+Acquiring.swift",
     "            if Task.isCancelled {\n                refused", "            if false {\n                refused"),
    ("an abandoned close does not free its slot", "PoolStateMachine+Calls.swift",
     "        default: set(slot, .free, now: now)", "        default: break"),
    ("an unproved connection is lent under .always", "PoolStateMachine+Waiters.swift",
     "} else if rules.checksAlways, !isProved {", "} else if false {"),
    ("a connection that comes too late is not closed", "Pool+Calls.swift",
     "        await backend.close(connection)\n        reporter?.tell(.closed(reason: .late))",
     "        reporter?.tell(.closed(reason: .late))"),
    ("a late connection stays counted as a stuck call", "Pool+Calls.swift",
     "closings[.late, default: 0] += 1 }\n        endStuck(call)", "closings[.late, default: 0] += 1 }"),
    ("resume serves nobody", "PoolStateMachine+Upkeep.swift",
     "        overload?.reset()\n        serve(now: now)", "        overload?.reset()"),
    ("what a forced shutdown closed is closed again at its return", "PoolStateMachine+Connections.swift",
     "guard slots[slot].state == .ready else { return }\n        if state == .broken",
     "guard slots[slot].state != .free else { return }\n        if state == .broken"),
    ("the timer is not set again after it fired", "Pool+Timer.swift",
     "            forget(&state, &gone)\n            arm(&state, now: now)", "            forget(&state, &gone)"),
    ("the last that came is served first", "PoolStateMachine+Waiters.swift",
     "overload?.isOverloaded == true ?", "overload?.isOverloaded != true ?"),
    ("an evicted connection that comes back is lent again", "PoolStateMachine+Connections.swift",
     "        if slots[slot].generation != generation { return .evicted }\n", ""),
    ("a call that ends a shutdown does not resume it", "Pool+Calls.swift",
     "            state.calls.endStuck(call)\n            return state.takeDrains()",
     "            state.calls.endStuck(call)\n            return [PoolCore.Drain]()"),
    ("a failed check leaves waiters beside idle connections", "PoolStateMachine+Connections.swift",
     "        // A waiter that counted on this one takes an idle one.\n        serve(now: now)\n", ""),
    ("a connection in use is taken for idle by a resize", "PoolStateMachine+Upkeep.swift",
     "for slot in idle.descending where slot >= size ||", "for slot in slots.indices where slot >= size && slots[slot].state == .ready ||"),
    ("a growing pool exceeds its limit by one", "PoolStateMachine+Connections.swift",
     "pending < waiters.count, occupied < rules.limit,", "pending < waiters.count, occupied <= rules.limit,"),
    ("a connection that is dead when it is handed over counts as a lease", "Pool+Acquiring.swift",
     "        case false?:\n            retract(slot)", "        case false?:"),
    ("a check begins although it was given up before", "Pool+Calls.swift",
     "                try Task.checkCancellation()\n", ""),
    ("the pause of the recovery does not end", "PoolStateMachine.swift",
     "retry > now && !waiters.isEmpty ? retry : .max", ".max"),
]


def build(folder, name):
    command = ["swift", "build", "-c", "release", "--package-path", folder, "--scratch-path", os.path.join(folder, ".build")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{name}: does not build\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return os.path.join(folder, ".build/release/simulate-pool")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("words", nargs="*")
    options = options.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".build"))
        for name, file, before, after in MUTATIONS:
            if not all(word in name for word in options.words):
                continue
            with open(os.path.join(POOL, file)) as source:
                text = source.read()
            if text.count(before) != 1:
                print(f"{name}: the text is {text.count(before)} times in {file}", flush=True)
                missed += 1
                continue
            path = os.path.join(folder, "ConnectionPool", file)
            with open(path, "w") as target:
                target.write(text.replace(before, after))
            program = build(folder, name)
            try:
                done = subprocess.run([program, "--count", str(options.count)], capture_output=True, text=True, timeout=900)
                output, code = done.stdout + done.stderr, done.returncode
            except subprocess.TimeoutExpired:
                output, code = "no end within 15 minutes", 0
            with open(path, "w") as target:
                target.write(text)
            if code == 0:
                missed += 1
                print(f"NOT FOUND: {name}", flush=True)
                continue
            seed = re.search(r"--seed 0*([0-9]+)", output)
            reason = re.search(r"(?:fails: |it )(.*?)(?: in PoolStatistics.*|, with --seed.*)?$", output, re.MULTILINE)
            print(f"| {name} | {seed[1] if seed else '?'} | {reason[1][:110] if reason else output[-200:]} |", flush=True)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
