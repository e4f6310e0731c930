"""Symbol graphs of the libraries, from the build that is there."""
import glob
import json
import os
import re
import subprocess

from stand import ROOT, Trouble


def libraries():
    """The libraries that Package.swift offers."""
    text = open(os.path.join(ROOT, "Package.swift")).read()
    return re.findall(r'"(\w+)"', re.search(r"let products = \[(.*?)\]", text, re.DOTALL)[1])


def triple():
    done = subprocess.run(["swiftc", "-print-target-info"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["target"]["triple"]


def symbol_graphs(module, output, target, configuration="debug", *more):
    """Extracts a module's symbol graphs into a folder."""
    build = os.path.join(ROOT, ".build", configuration)
    if not os.path.exists(os.path.join(build, "Modules", f"{module}.swiftmodule")):
        raise Trouble(f"{module} is not built; run: swift build --build-tests --traits Hummingbird,Redis,Sealing --scratch-path .build")
    maps = glob.glob(os.path.join(ROOT, "Sources/*/module.modulemap")) + glob.glob(f"{build}/*.build/module.modulemap")
    maps += glob.glob(os.path.join(ROOT, ".build/checkouts/*/Sources/*/include/module.modulemap"))
    includes = [flag for package in ("libpq", "sqlite3", "hiredis") for flag in subprocess.run(
        ["pkg-config", "--cflags-only-I", package], capture_output=True, text=True).stdout.split()]
    known, flags = set(), []
    for path in maps:
        name = re.search(r"module (\w+)", open(path).read())
        if name and name[1] not in known:
            known.add(name[1])
            flags += ["-Xcc", f"-fmodule-map-file={path}"]
    for include in includes:
        flags += ["-Xcc", include]
    done = subprocess.run(["swift", "symbolgraph-extract", "-module-name", module, "-I", os.path.join(build, "Modules"), "-target",
                           target, "-output-dir", output, "-minimum-access-level", "public", *flags, *more],
                          capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"{module}: {done.stderr.strip()[-2000:]}")
