"""Holds the documentation to its word.

    python3 Tests/Documentation/check.py [links] [blocks] [swift] [shell] [queries]

links   Every relative link of README.md, CONTRIBUTING.md, CHANGELOG.md and Documentation leads to a file, and to a heading in it.
swift   Every ```swift block that begins with an import compiles, in a package made for it. `<!-- given: let ward = "A" -->` before a
        block lends it names it does not define, also to one without imports; `<!-- sketch: why -->` exempts a block.
blocks  Every fenced block is accounted for: compiled or run as below, held by the test that `<!-- shown: FILE -->` names, a sample that
        SampleTests writes, JSON that parses, a `<!-- config: NAME.yml -->` that the server reads, a `<!-- picture -->`, or a `<!-- sketch: why it cannot run here -->`.
shell   Every ```sh block under `<!-- run -->` ends with 0, in a folder of its own, with a server on SQLite behind
        http://127.0.0.1:8000 and one on PostgreSQL at $DATABASE_URL; $ID is a finished generation, $KEY_ID an API key.
queries Every expression of the Grafana dashboard, and every one the pages name, finds data in a Prometheus that scrapes a server at work.
"""
import glob
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Scripts/lib"))
from stand import ROOT, Stand, Trouble, ask_prometheus, main, say, server_binary

PAGES = [page for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Examples/PatientServer/README.md")
         if os.path.exists(os.path.join(ROOT, page))]
PAGES += sorted(os.path.relpath(path, ROOT) for path in glob.glob(os.path.join(ROOT, "Documentation/**/*.md"), recursive=True))
BLOCK = re.compile(r"(?P<notes>(?:^<!--.*?-->\n)*)^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
PACKAGES = {"Logging": "swift-log", "ServiceLifecycle": "swift-service-lifecycle", "Tracing": "swift-distributed-tracing",
            "Metrics": "swift-metrics", "Hummingbird": "hummingbird", "HTTPTypes": "swift-http-types", "NIOCore": "swift-nio",
            "NIOPosix": "swift-nio", "Crypto": "swift-crypto"}
SYSTEM = {"Foundation", "FoundationEssentials", "Synchronization", "Glibc", "Testing"}


def read(page):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return file.read()


def blocks(page):
    """(line, notes, language, text) of every fenced block."""
    text = read(page)
    for match in BLOCK.finditer(text):
        notes = dict((name, value.strip()) for name, value in re.findall(r"<!--\s*(\w+):?(.*?)-->", match["notes"], re.DOTALL))
        yield text.count("\n", 0, match.start("kind")) + 1, notes, match["kind"], match["text"]


def anchors(page):
    """The names GitHub gives a page's headings."""
    found, seen = set(), {}
    for line in re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE).splitlines():
        heading = re.match(r"#{1,6}\s+(.*)", line)
        if heading:
            words = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1]).lower()).strip().replace(" ", "-")
            number = seen.get(words, 0)
            seen[words] = number + 1
            found.add(words if number == 0 else f"{words}-{number}")
    return found


def links():
    broken, count = [], 0
    for page in PAGES:
        text = re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\[[^]]*\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "`", text)):
            if re.match(r"[a-z]+:", target):
                continue
            count += 1
            path, _, anchor = target.partition("#")
            file = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not os.path.exists(os.path.join(ROOT, file)):
                broken.append(f"{page}: {target}: there is no {file}")
            elif anchor and file.endswith(".md") and anchor not in anchors(file):
                broken.append(f"{page}: {target}: {file} has no such heading; there are {', '.join(sorted(anchors(file)))}")
    if broken:
        raise Trouble("links that lead nowhere:\n" + "\n".join(broken))
    say(f"links: {count} in {len(PAGES)} pages lead somewhere")


def accounted(notes, kind, text):
    """Why a block is none of ours to worry about, or None."""
    if "run" in notes and kind == "sh":
        return "run"
    if kind == "swift":
        return "compiled" if "sketch" not in notes else "sketch"
    if kind == "json" and "sample" not in notes:
        json.loads(text)
        return "parsed"
    if notes.get("shown"):
        missing = [path for path in notes["shown"].split() if not os.path.exists(os.path.join(ROOT, path))]
        return None if missing else "shown by a test"
    if notes.get("sketch"):
        return "sketch"
    if "config" in notes:
        return "run"
    return next((note for note in ("sample", "picture") if note in notes), "picture" if kind == "mermaid" else None)


def every_block():
    counts, left = {}, []
    for page in PAGES:
        for line, notes, kind, text in blocks(page):
            try:
                reason = accounted(notes, kind, text)
            except ValueError as error:
                raise Trouble(f"{page}:{line}: not JSON: {error}") from None
            counts[reason] = counts.get(reason, 0) + 1
            if reason is None:
                left.append(f"{page}:{line}: {text.splitlines()[0] if text else ''}")
        prose = re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE)
        left += [f"{page}: an indented block, which nothing can check; fence it: {found}"
                 for found in re.findall(r"(?:\A|\n\n)    (\S.*)", prose)]
    if left:
        raise Trouble("blocks nobody answers for:\n" + "\n".join(left))
    say("blocks: " + ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())))


def swift():
    folder = os.path.join(ROOT, ".build/documentation/Blocks")
    sources = os.path.join(folder, "Sources/Blocks")
    os.makedirs(sources, exist_ok=True)
    files, modules, places, left = {}, set(), {}, 0
    for page in PAGES:
        for line, notes, kind, text in blocks(page):
            if kind != "swift":
                continue
            imports = re.findall(r"^(?:public |internal )?import (?:\w+ )?(\w+)", text, re.MULTILINE)
            if "sketch" in notes or not (imports or "given" in notes):
                left += 1
                if notes.get("sketch") == "":
                    raise Trouble(f"{page}:{line}: a sketch says why it is one")
                continue
            given = notes.get("given", "")
            imports += re.findall(r"import (\w+)", given)
            modules |= {name for name in imports if name not in SYSTEM}
            rest = re.sub(r"^(?:public |internal )?import .*\n", "", text, flags=re.MULTILINE)
            given = re.sub(r"^\s*import \w+\n?", "", given, flags=re.MULTILINE)
            name = re.sub(r"\W", "_", f"{page}_{line}")
            top = re.search(r"^(extension|protocol|@main|@Suite|@Test)\b", rest, re.MULTILINE)
            head = "".join(f"import {module}\n" for module in dict.fromkeys(imports))
            inner = f"{rest}" if top else f"func {name}() async throws {{\n{given}\n{rest}}}\n"
            places[f"{name}.swift"] = f"{page}:{line}"
            files[f"{name}.swift"] = f'{head}#sourceLocation(file: "{page}", line: {line})\n{inner}#sourceLocation()\n'
    for old in os.listdir(sources):
        if old not in files:
            os.remove(os.path.join(sources, old))
    for name, text in files.items():
        path = os.path.join(sources, name)
        if not os.path.exists(path) or open(path).read() != text:
            with open(path, "w") as file:
                file.write(text)
    products = sorted(f'.product(name: "{module}", package: "{PACKAGES.get(module, "vitals")}")' for module in modules)
    pins = re.findall(r'\.package\(url: "[^"]+/([\w-]+)", from: "[^"]+"\)', read("Package.swift"))
    urls = dict(zip(pins, re.findall(r'\.package\(url: "[^"]+", from: "[^"]+"\)', read("Package.swift"))))
    wanted = sorted({PACKAGES[module] for module in modules if module in PACKAGES})
    with open(os.path.join(folder, "Package.swift"), "w") as file:
        file.write("// swift-tools-version: 6.1\nimport PackageDescription\nlet package = Package(name: \"blocks\", "
                   "platforms: [.macOS(.v15)], dependencies: [\n.package(name: \"vitals\", path: \"../../..\", "
                   "traits: [\"Hummingbird\", \"Redis\", \"Sealing\"]),\n" + ",\n".join(urls[name] for name in wanted) + "],\ntargets: ["
                   ".target(name: \"Blocks\", dependencies: [" + ", ".join(products) + "])])\n")
    done = subprocess.run(["swift", "build", "--package-path", folder, "--scratch-path", os.path.join(ROOT, ".build")], cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        wrong = sorted({line for line in done.stdout.splitlines() if "error:" in line})
        raise Trouble("blocks that do not compile:\n" + "\n".join(wrong or [done.stdout[-4000:]]))
    say(f"swift: {len(files)} blocks compile, {left} are fragments or sketches")


def shell():
    marked = [(page, line, text) for page in PAGES for line, notes, kind, text in blocks(page) if "run" in notes and kind == "sh"]
    configured = [(page, line, notes["config"], text) for page in PAGES for line, notes, _, text in blocks(page) if "config" in notes]
    if not marked:
        raise Trouble("no shell block is marked; the check would prove nothing")
    program = server_binary()
    os.environ["VITALS_SERVER"] = program
    with Stand() as stand:
        small, large = stand.server(stand.sqlite(), program=program), stand.server(stand.postgres(), program=program)
        ids = {"ID": large.generate(200), "JOB": small.generate(200)}
        key = stand.start("keys", [program, "keys", "create", "documentation", "--database", large.database])
        key.process.wait()
        listed = subprocess.run([program, "keys", "list", "--database", large.database], capture_output=True, text=True, check=True)
        with open(os.path.join(stand.folder, "access.log"), "w") as log:
            log.write(small.output(1 << 20))
        path = ":".join([os.path.dirname(program), os.path.dirname(stand.postgres_program("psql")), os.environ["PATH"]])
        environment = {**os.environ, **ids, "PATH": path, "DATABASE_URL": large.database, "KEY_ID": listed.stdout.split()[0]}
        for page, line, text in marked:
            done = subprocess.run(["bash", "-eo", "pipefail", "-c", text.replace("http://127.0.0.1:8000", small.base)],
                                  cwd=stand.folder, env=environment, capture_output=True, text=True, timeout=120)
            if done.returncode:
                raise Trouble(f"{page}:{line} ends with {done.returncode}:\n{text}\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
        for page, line, name, text in configured:
            folder = os.path.join(stand.folder, f"config-{line}")
            os.mkdir(folder)
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
            done = subprocess.run([program, "artifacts", "--config", folder, os.path.join(folder, "written")], env=environment,
                                  capture_output=True, text=True, timeout=60)
            if done.returncode:
                raise Trouble(f"{page}:{line} is no {name}:\n{done.stderr[-1500:]}")
    say(f"shell: {len(marked)} blocks run, {len(configured)} configurations are read")


def expressions():
    """(where, PromQL) of the dashboard and of the pages; a comparison's left side, as an alarm that is silent finds nothing."""
    with open(os.path.join(ROOT, "Examples/PatientServer/ops/grafana/dashboards/vitals.json")) as file:
        for panel in json.load(file)["panels"]:
            for target in panel.get("targets", []):
                yield panel["title"], target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*")
    for page in PAGES:
        prose = re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE)
        for code in re.findall(r"`([^`\n]+)`", prose):
            if re.search(r"\b(api|db|jobs?|patients|generation|process|health_check|nio)_\w+", code) and re.search(r"[a-z]\(| [-/] ", code):
                yield page, re.sub(r" [<>]=? [\d.]+$", "", code)


def queries():
    found = list(expressions())
    with Stand() as stand:
        server = stand.server(stand.postgres())
        prometheus = stand.prometheus({"patient-server": server.base.split("//")[1]}, interval="200ms")
        seen = lambda expression: bool(ask_prometheus(prometheus, expression))
        server.generate(2000)
        # The one series that nobody can foresee: the cause of a statement's failure.
        stand.query(server.database, "ALTER TABLE configurations RENAME TO away")
        server.get("/api/v1/configurations/")
        stand.query(server.database, "ALTER TABLE away RENAME TO configurations")
        stand.until("a rate of failures", server, lambda: seen("rate(db_query_errors_total[1m])"))
        empty = [(where, expression) for where, expression in found if not seen(expression)]
    if empty:
        raise Trouble("expressions that find nothing:\n" + "\n".join(f"{where}: {expression}" for where, expression in empty))
    say(f"queries: {len(found)} find data")


def body():
    parts = {"links": links, "blocks": every_block, "swift": swift, "shell": shell, "queries": queries}
    for name in sys.argv[1:] or parts:
        if name not in parts:
            raise Trouble(f"{name} is none of {', '.join(parts)}")
        parts[name]()
    return 0


main(body)
