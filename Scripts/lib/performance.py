"""Writes Documentation/Performance.md, its pictures and the README's comparison from the rows that `Scripts/bench --json` left.

    python3 Scripts/lib/performance.py ROWS.json
"""
import html
import json
import math
import os
import platform
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stand import ROOT, Trouble, main, say

PICTURES = os.path.join(ROOT, "Documentation/Pictures")
# What the README compares: (what, suite, case, what it is held against).
COMPARED = [
    ("a connection lent and returned", "pool", "peers: acquire + release, against HikariCP", "HikariCP"),
    ("", "pool", "peers: acquire + release, against SQLAlchemy", "SQLAlchemy"),
    ("PostgreSQL, 200 tasks on 20 connections", "postgres", "peers: 200 tasks on 20, against asyncpg", "asyncpg pool, 200 tasks"),
    ("PostgreSQL, one connection", "postgres", "select by key, connections 1, on the loop", "pgbench -c 1"),
    ("SQLite, 200 tasks", "sqlite", "peers: 200 tasks", "aiosqlite, 200 tasks"),
    ("a histogram's observation, two threads", "metrics", "peer: histogram of 12 buckets, 2 threads", "client_golang"),
    ("", "metrics", "peer: histogram of 12 buckets, 2 threads", "rust-prometheus"),
    ("a repeated scrape of 10,000 series", "metrics", "peer: 10,000 series written", "rust-prometheus"),
    ("background jobs on PostgreSQL", "jobs", "peers: no-op jobs", "PgQueuer"),
    ("", "jobs", "peers: no-op jobs", "Celery+Redis"),
    ("log records of six fields", "logging", "records of 6 fields, one thread", "JSONEncoder"),
]


def short(value):
    if value is None:
        return ""
    if value != 0 and abs(value) < 10:
        return f"{value:.3g}"
    return f"{value:,.1f}" if abs(value) < 1000 else f"{value:,.0f}"


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return (done.stdout or done.stderr).strip().split("\n")[0]


def machine():
    text = open("/proc/cpuinfo").read() if os.path.exists("/proc/cpuinfo") else ""
    model = re.search(r"model name\s*: (.*)", text)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model[1] if model else platform.processor()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}"


def versions():
    found = [first_line("swift", "--version"), first_line("psql", "--version"), first_line("sqlite3", "--version")[:6],
             first_line("prometheus", "--version")]
    names = ["", "", "SQLite ", ""]
    return "; ".join(name + text for name, text in zip(names, found) if text)


def picture(suite, rows):
    """Bars of ours over the floor on a scale of powers of two, with the target where it is a ratio."""
    rows = [row for row in rows if row.get("ratio")][:24]
    if not rows:
        return None
    left, width, line, top = 430, 900, 24, 40
    reach = max(2.0, max(abs(math.log2(row["ratio"])) for row in rows))
    middle = left + (width - left - 70) / 2
    x = lambda ratio: middle + max(-reach, min(reach, math.log2(ratio))) / reach * (width - left - 70) / 2
    height = top + line * len(rows) + 16
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
           f'aria-label="{html.escape(suite)}: ours over the floor" font-family="system-ui,sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>',
           f'<text x="12" y="22" font-size="14" font-weight="600">{html.escape(suite)}: ours over the floor</text>',
           f'<path d="M{middle:.1f} {top - 8}V{height - 10}" stroke="#888"/><text x="{middle:.1f}" y="{top - 12}" '
           'text-anchor="middle" fill="#555">× 1</text>']
    for index, row in enumerate(rows):
        y, end = top + index * line, x(row["ratio"])
        colour = {True: "#2e7d4f", False: "#b3261e"}.get(row.get("holds"), "#5b7aa8")
        out.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{html.escape(row["case"][:64])}</text>'
                   f'<rect x="{min(middle, end):.1f}" y="{y + 3}" width="{max(1.0, abs(end - middle)):.1f}" height="14" fill="{colour}"/>'
                   f'<text x="{width - 60}" y="{y + 14}">× {short(row["ratio"])}</text>')
        bound = re.match(r"ratio [≤≥] ([\d.]+)", row.get("target") or "")
        if bound:
            out.append(f'<path d="M{x(float(bound[1])):.1f} {y}v20" stroke="#222" stroke-width="2"/>')
    return "".join(out) + "</svg>\n"


def compare(rows):
    """Writes the README's table."""
    found = {(row["suite"], row["case"], row.get("floor")): row for row in rows}
    text = "| | Vitals | held against | its figure | |\n|---|--:|---|--:|--:|\n"
    for what, *place in COMPARED:
        row = found.get(tuple(place))
        if not row:
            raise Trouble(f"no row for {place}; Scripts/bench all measures every one")
        times = row["ratio"] if row["unit"].endswith("/s") else 1 / row["ratio"]
        text += f"| {what} | {short(row['value'])} {row['unit']} | {place[2]} | {short(row['floor_value'])} | **× {short(times)}** |\n"
    path = os.path.join(ROOT, "README.md")
    with open(path) as file:
        readme = file.read()
    begin, end = "<!-- compared -->\n", "<!-- /compared -->"
    with open(path, "w") as file:
        file.write(readme[:readme.index(begin) + len(begin)] + text + readme[readme.index(end):])


def body():
    if len(sys.argv) != 2:
        raise Trouble("name the file of rows: python3 Scripts/lib/performance.py ROWS.json")
    with open(sys.argv[1]) as file:
        rows = json.load(file)
    suites = {}
    for row in rows:
        suites.setdefault(row["suite"], []).append(row)
    judged = [row for row in rows if row.get("holds") is not None]
    held = sum(row["holds"] for row in judged)
    text = ["# Performance", "",
            "Each row is the median of several rounds in which ours, the floor and the peers took turns in one run, so that noise falls on",
            "all alike. The floor is what the work costs without us: a C program on the same library, an atomic add, `memcpy`.", "",
            f"{held} of {len(judged)} targets hold.", "",
            f"- Machine: {machine()}", f"- Date: {time.strftime('%Y-%m-%d', time.gmtime())}", f"- Versions: {versions()}",
            "- Repeat it: `Scripts/bench all --json rows.json`, one suite: `Scripts/bench pool`", ""]
    os.makedirs(PICTURES, exist_ok=True)
    cell = lambda value: str(value).replace("|", "\\|")
    for suite, members in suites.items():
        text += [f"## {suite}", ""]
        drawn = picture(suite, members)
        if drawn:
            with open(os.path.join(PICTURES, f"{suite}.svg"), "w") as file:
                file.write(drawn)
            text += [f"![{suite}: ours over the floor](Pictures/{suite}.svg)", ""]
        text += ["| case | ours | held against | its figure | ratio | target | |", "|---|--:|---|--:|--:|---|---|"]
        for row in members:
            verdict = {True: "holds", False: "**misses**"}.get(row.get("holds"), "")
            text.append(f"| {cell(row['case'])} | {short(row['value'])} {row['unit']} | {cell(row.get('floor') or '')} | "
                        f"{short(row.get('floor_value'))} | {short(row.get('ratio'))} | {row.get('target') or ''} | {verdict} |")
        text.append("")
    compare(rows)
    missed = [row for row in judged if not row["holds"]]
    if missed:
        text += ["## What misses", ""]
        reasons = json.load(open(os.path.join(ROOT, "Benchmarks/reasons.json")))
        for row in missed:
            case = f"{row['suite']}: {row['case']}"
            text.append(f"- {case}: {short(row['value'])} {row['unit']}, target {row['target']}. {reasons.get(case, '')}".rstrip())
        text.append("")
    with open(os.path.join(ROOT, "Documentation/Performance.md"), "w") as file:
        file.write("\n".join(text))
    say(f"Documentation/Performance.md: {len(rows)} rows, {held} of {len(judged)} targets hold")
    return 0


main(body)
