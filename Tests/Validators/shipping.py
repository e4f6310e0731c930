"""Reads a server's log as the samples of Examples/PatientServer/ops tell Vector and Promtail to read it.

    python shipping.py vector SAMPLE LOG      by Vector's own language (pyVRL runs VRL, the engine of Vector's remap)
    python shipping.py promtail SAMPLE LOG    by a reading of the stages that the sample uses

Ends with 1 and the line when one would be lost, changed or labelled wrongly.
"""
import datetime
import json
import sys

import yaml

LEVELS = {"trace", "debug", "info", "notice", "warning", "error", "critical"}
LABELS = {"service", "env", "level"}
OTHERS = ["patient-server is ready at http://127.0.0.1:8000/", "Fatal error: Index out of range", "", "[1, 2]", "7"]


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def need(holds, what, line):
    if not holds:
        sys.exit(f"{what}: {line}")


def record(line):
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def vector(sample):
    import pyvrl

    nodes = {**sample["sources"], **sample["transforms"], **sample["sinks"]}
    (sink,), (transform,) = sample["sinks"].values(), sample["transforms"].values()
    for node in (sink, transform):
        need(set(node["inputs"]) <= set(nodes), "inputs that are none", node["inputs"])
    need(set(sink["labels"]) == LABELS, "labels", sink["labels"])
    # A program's result is its last expression: the event itself.
    remap = pyvrl.Transform(transform["source"] + "\n.")

    def read(line):
        event = remap.remap({"message": line, "host": "h", "PRIORITY": "6", "timestamp": "2020-01-01T00:00:00Z"})
        labels = {}
        for name, template in sink["labels"].items():
            need(template.startswith("{{ ") and template.endswith(" }}"), "template", template)
            labels[name] = event[template[3:-3]]
        was = record(line)
        if was is not None:
            need({**event, **was} == event, f"a field is lost or changed: {event}", line)
            return labels, event["timestamp"] if "ts" in was else None
        need(event["message"] == line, f"the message is lost: {event}", line)
        return labels, None

    # A time that is none costs the time alone.
    labels, _ = read('{"ts":"yesterday","level":"error","msg":"x"}')
    need(labels["level"] == "error", "labels", labels)
    return read


def promtail(sample):
    (job,) = sample["scrape_configs"]
    source = job["journal"]
    stages = [next(iter(stage.items())) for stage in job["pipeline_stages"]]
    need([name for name, _ in stages] == ["json", "timestamp", "labels"], "stages", stages)
    (_, fields), (_, time), (_, labels) = stages
    need(time["format"] == "RFC3339Nano" and time["source"] in fields["expressions"], "timestamp", time)
    need(set(source["labels"]) | set(labels) == LABELS, "labels", labels)

    def read(line):
        was, found = record(line), {}
        for name, path in fields["expressions"].items():
            if was is not None and path in was:
                found[name] = was[path]
        given = {name: found[name if source is None else source] for name, source in labels.items()
                 if (name if source is None else source) in found}
        return {**source["labels"], **given}, moment(found[time["source"]]) if time["source"] in found else None

    return read


def main(kind, sample, log):
    with open(sample, encoding="utf-8") as file:
        read = {"vector": vector, "promtail": promtail}[kind](yaml.safe_load(file))
    with open(log, encoding="utf-8") as file:
        lines = file.read().splitlines()
    records = 0
    for line in lines + OTHERS:
        labels, time = read(line)
        was = record(line)
        need(labels["service"] == "patient-server" and labels["env"] == "production", f"labels {labels}", line)
        need(set(labels) == LABELS and all(isinstance(value, str) for value in labels.values()), f"labels {labels}", line)
        if was is None:
            need(labels["level"] == "unknown", f"labels {labels}", line)
            continue
        records += 1
        need(labels["level"] == was["level"] and was["level"] in LEVELS, f"labels {labels}", line)
        need(time == moment(was["ts"]), f"time {time}", line)
    need(records >= 20, "too few records to prove anything", len(lines))
    print(f"{kind}: {records} records shipped whole")


main(*sys.argv[1:])
