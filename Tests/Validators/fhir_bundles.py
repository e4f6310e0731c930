"""Checks FHIR R4 bundles, one a line: fhir_bundles.py FILE…

google-fhir-r4 and fhircraft read every resource, every reference leads to an entry, and a document has what the
International Patient Summary 2.0.1 asks for.
"""
import concurrent.futures
import functools
import gc
import json
import multiprocessing
import os
import re
import sys
import warnings

warnings.simplefilter("ignore")

from google.fhir.core.utils import annotation_utils  # noqa: E402
from google.fhir.r4 import json_format  # noqa: E402
from google.fhir.r4.proto.core.resources import bundle_and_contained_resource_pb2  # noqa: E402

# What a descriptor is annotated with never changes, and is asked for at every field.
annotation = functools.cache(annotation_utils.get_value_for_annotation_extension)
annotation_utils.get_value_for_annotation_extension = lambda of, field: annotation(getattr(of, "DESCRIPTOR", of), field)

# Sections that must be there, and those that may be.
SECTIONS = {"11450-4": {"Condition"}, "48765-2": {"AllergyIntolerance"}, "10160-0": {"MedicationStatement", "MedicationRequest"}}
OPTIONAL = {"8716-3": {"Observation"}, "47519-4": {"Procedure"}}


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "reference" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def full(node, path):
    """The rule ele-1: an element has a value or children."""
    assert node not in (None, "", {}, []), f"{path} is empty"
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        full(value, f"{path}.{key}")


def rules(bundle):
    full(bundle, "Bundle")
    entries = bundle["entry"]
    urls = [entry["fullUrl"] for entry in entries]
    assert len(urls) == len(set(urls)), "a fullUrl stands twice"
    known = set()
    for entry in entries:
        resource = entry["resource"]
        name = f"{resource['resourceType']}/{resource['id']}"
        assert entry["fullUrl"].endswith("/" + name), f"{entry['fullUrl']} is not of {name}"
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"]), f"{resource['id']} is no id"
        known.add(name)
    for reference in references(bundle):
        assert reference in known, f"{reference} is not in the bundle"
    if bundle["type"] == "transaction":
        for entry in entries:
            assert entry["request"]["method"] == "PUT"
            assert entry["fullUrl"].endswith("/" + entry["request"]["url"])
    else:
        document(bundle, [entry["resource"] for entry in entries])


def document(bundle, resources):
    assert bundle["type"] == "document" and bundle["timestamp"], "no document with a time"
    assert bundle["identifier"]["system"] and bundle["identifier"]["value"], "the bundle has no identifier"
    types = [resource["resourceType"] for resource in resources]
    assert types[0] == "Composition" and types.count("Composition") == 1, "the Composition is not the first and only"
    assert types.count("Patient") == 1, "not exactly one Patient"
    composition = resources[0]
    assert composition["type"]["coding"][0]["code"] == "60591-5"
    assert composition["status"] and composition["author"] and composition["title"] and composition["date"]
    patient = resources[types.index("Patient")]
    assert composition["subject"]["reference"] == f"Patient/{patient['id']}"
    assert patient["name"][0]["family"] and patient["birthDate"]
    by_name = {f"{r['resourceType']}/{r['id']}": r["resourceType"] for r in resources}
    codes = [section["code"]["coding"][0]["code"] for section in composition["section"]]
    assert set(codes) <= SECTIONS.keys() | OPTIONAL.keys(), codes
    told = set()
    for code, allowed in (SECTIONS | OPTIONAL).items():
        assert codes.count(code) == 1 or code in OPTIONAL and not codes.count(code), f"section {code}"
        if code not in codes:
            continue
        section = composition["section"][codes.index(code)]
        assert section["text"]["status"] == "generated" and section["text"]["div"].startswith("<div xmlns=")
        filled = section.get("entry", [])
        assert bool(filled) != ("emptyReason" in section), f"section {code} has entries and a reason, or neither"
        for entry in filled:
            assert by_name[entry["reference"]] in allowed, f"{entry['reference']} stands in {code}"
            told.add(entry["reference"])
    for resource in resources[1:]:
        name = f"{resource['resourceType']}/{resource['id']}"
        assert resource["resourceType"] in ("Patient", "Organization") or name in told, f"{name} is in no section"
        match resource["resourceType"]:
            case "Condition":
                assert resource["clinicalStatus"] and resource["code"]["coding"] and resource["subject"]
            case "AllergyIntolerance":
                assert resource["clinicalStatus"] and resource["code"]["coding"] and resource["patient"]
            case "MedicationStatement":
                assert resource["status"] in ("active", "completed") and resource["subject"]
                assert resource["medicationCodeableConcept"]["coding"] and resource["effectiveDateTime"]
            case "Observation":
                value = {"valueQuantity", "valueCodeableConcept", "component", "dataAbsentReason"}
                assert resource["category"] and resource["effectiveDateTime"] and value & resource.keys()
            case "Procedure":
                assert resource["status"] == "completed" and resource["performedDateTime"]


def with_google(line):
    try:
        rules(json.loads(line))
        json_format.json_fhir_string_to_proto(line, bundle_and_contained_resource_pb2.Bundle, validate=True)
    except Exception as error:  # whatever the validators raise is a finding
        return f"{line[:60]}: {type(error).__name__}: {error}"


def with_fhircraft(line):
    from fhircraft.config import override_config
    from fhircraft.fhir.resources.datatypes.R4.core import Bundle

    try:
        # ele-1, worked out as FHIRPath for every element, is three quarters of fhircraft's time: `full` holds to it instead.
        with override_config(disable_fhir_warnings=True, disabled_fhir_constraints={"ele-1"}):
            read = Bundle.model_validate_json(line)
        sent = json.loads(line)
        for one, entry in zip(sent["entry"], read.entry, strict=True):
            if type(entry.resource).__name__ != one["resource"]["resourceType"]:
                return f"{line[:60]}: {one['resource']['resourceType']} is read as {type(entry.resource).__name__}"
    except Exception as error:
        return f"{line[:60]}: {type(error).__name__}: {str(error)[:600]}"


def main():
    files = [open(name, encoding="utf-8").read().splitlines() for name in sys.argv[1:]]
    lines = [line for file in files for line in file]
    import fhircraft.fhir.resources.datatypes.R4.core  # noqa: F401  before the processes part

    gc.freeze()
    # An executor, not a Pool: a worker that dies is an error here, where a Pool waits for it for ever.
    fork = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), mp_context=fork) as pool:
        findings = [f for check in (with_google, with_fhircraft) for f in pool.map(check, lines, chunksize=8) if f]
    for finding in findings[:10]:
        print(finding)
    print(f"{' and '.join(str(len(file)) for file in files)} bundles, {len(findings)} findings")
    sys.exit(bool(findings) or not all(files))


main()
