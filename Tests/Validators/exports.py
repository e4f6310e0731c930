"""Checks one patientgen folder against itself: exports.py FOLDER COUNT PASSWORD

FOLDER holds the same patients as ndjson, json, csv, xml and xlsx, as patients.csv.gz, as patients.ndjson.enc and as a
FHIR bulk export. Every reader here is another program's: json, csv, xml.etree, gzip, openpyxl, cryptography.
"""
import csv
import datetime
import gzip
import io
import json
import pathlib
import sys
import unicodedata
import xml.etree.ElementTree

import openpyxl
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC


def decrypt(data, password):
    """The format as Documentation/PatientFormats.md tells it."""
    assert data[:8] == b"VITALSE1"
    rounds, size = int.from_bytes(data[8:12], "big"), int.from_bytes(data[12:16], "big")
    root = PBKDF2HMAC(hashes.SHA256(), 32, data[16:32], rounds).derive(password.encode())
    assert HKDFExpand(hashes.SHA256(), 8, b"check").derive(root) == data[32:40], "wrong password"
    key = AESGCM(HKDFExpand(hashes.SHA256(), 32, b"record").derive(root))
    head, plain, at, number = data[:48], b"", 48, 0
    while True:
        record = data[at : at + size + 16]
        at += len(record)
        last = at == len(data)
        nonce = head[40:47] + number.to_bytes(4, "big") + bytes([last])
        plain += key.decrypt(nonce, record, head)
        number += 1
        if last:
            return plain


def main():
    folder, count, password = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    lines = (folder / "patients.ndjson").read_text("utf-8").split("\n")
    assert lines.pop() == "" and len(lines) == count
    records = [json.loads(line) for line in lines]
    assert [record["id"] for record in records] == list(range(1, count + 1))
    assert json.loads((folder / "patients.json").read_bytes()) == records, "the array differs from the lines"
    assert decrypt((folder / "patients.ndjson.enc").read_bytes(), password) == (folder / "patients.ndjson").read_bytes()

    raw = (folder / "patients.csv").read_bytes()
    assert gzip.decompress((folder / "patients.csv.gz").read_bytes()) == raw
    assert raw.count(b"\n") == raw.count(b"\r\n") == count + 1
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))
    assert len(rows) == count
    tree = xml.etree.ElementTree.parse(folder / "patients.xml").getroot()
    assert tree.tag == "patients" and len(tree) == count
    sheet = openpyxl.load_workbook(folder / "patients.xlsx", read_only=True)["Patients"]
    cells = sheet.iter_rows(values_only=True)
    columns = list(next(cells))
    assert columns == list(rows[0]), "the columns of xlsx and csv differ"
    nations = set()
    for record, row, element, values in zip(records, rows, tree, cells, strict=True):
        person, cell = record["demographics"], dict(zip(columns, values, strict=True))
        name = person["given_name"], person["family_name"]
        nations.add(record["nationality"])
        assert all(unicodedata.is_normalized("NFC", part) and part.strip() for part in name), name
        assert (row["given_name"], row["family_name"]) == name == (cell["given_name"], cell["family_name"])
        assert (element.findtext("demographics/given_name"), element.findtext("demographics/family_name")) == name
        assert row["id"] == element.get("id") == str(record["id"]) == str(cell["id"])
        assert row["final_status"] == record["final_status"] == element.get("final_status") == cell["final_status"]
        assert row["injury_time"] == record["injury_time"]
        written = cell["injury_time"].replace(tzinfo=datetime.timezone.utc)
        told = datetime.datetime.fromisoformat(record["injury_time"].replace("Z", "+00:00"))
        assert abs(written - told) < datetime.timedelta(seconds=1), (written, told)
        assert cell["birthdate"].date().isoformat() == person["birthdate"] == row["birthdate"]
        assert (row["mass_casualty"] == "true") == record["mass_casualty"] == cell["mass_casualty"]
        assert len(element.find("movement_timeline")) == len(record["movement_timeline"])
        assert len(element.find("vitals")) == len(record["vitals"])
        assert [c.text for c in element.find("conditions")] == [c["name"] for c in record["conditions"]]
        assert row["condition"] == record["conditions"][0]["name"]
        whole_record(record, row, element, cell)
    bulk(folder, records)
    print(f"{count} patients of {len(nations)} nations are the same in every format")


PLACES = {"POI": "POI", "Role1": "R1", "Role2": "R2", "Role3": "R3", "Role4": "R4"}


def minutes(record, moment):
    since = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")) - datetime.datetime.fromisoformat(
        record["injury_time"].replace("Z", "+00:00")
    )
    return str(int(since.total_seconds()) // 60)


def whole_record(record, row, element, cell):
    """Everything that the record says, from each format."""
    person, injury = record["demographics"], element.find("injury")
    for name in ("native_family_name", "native_given_name"):
        told = person[name]
        forms = row[name] or None, cell[name] or None, element.findtext(f"demographics/{name}")
        assert forms == (told, told, told), (forms, told)
        if told:
            assert unicodedata.is_normalized("NFC", told) and not told.isascii(), told
    number = person["national_id"]
    assert len(number) == 10 and number.isdigit() and not luhn(number), f"{number} could be somebody's"
    assert row["national_id"] == number == cell["national_id"] == element.findtext("demographics/national_id")
    assert row["mechanism"] == (record["mechanism"] or "") and injury.get("mechanism") == record["mechanism"]
    cause = record["external_cause"] and record["external_cause"]["code"]
    assert row["cause_code"] == (cause or "") and injury.get("cause") == cause and (cell["cause_code"] or None) == cause
    assert row["bleeding_site"] == (record["bleeding_site"] or "")
    assert float(row["blood_loss_percent"]) == record["blood_loss_percent"] == float(injury.get("blood_loss_percent"))
    assert int(row["injury_severity_score"]) == record["injury_severity_score"] == cell["injury_severity_score"]
    assert int(row["shock_class"]) == record["shock_class"] == int(injury.get("shock_class"))
    assert (row["polytrauma"] == "true") == record["polytrauma"] == cell["polytrauma"]
    assert row["base_deficit"] == ("" if record["base_deficit"] is None else f"{record['base_deficit']:.1f}")
    assert row["unit"] == person["unit"] == cell["unit"] == element.findtext("demographics/unit")
    assert row["grid"] == record["grid"] == cell["grid"] == injury.get("grid") and len(record["grid"]) == 9
    assert [c.get("body_site") for c in element.find("conditions")] == [c["body_site"] for c in record["conditions"]]
    assert [t.get("body_site") for t in element.find("treatments")] == [t.get("body_site") for t in record["treatments"]]
    assert int(row["bleeding_minutes"]) == record["bleeding_minutes"] == int(injury.get("bleeding_minutes"))

    lists = {
        "conditions": [f"{c['code']}:{c['body_part']}:{c['severity']}:{c['body_site']}" for c in record["conditions"]],
        "allergies": [a["code"] for a in record["allergies"]],
        "medications": [
            f"{m['code']}:{minutes(record, m['timestamp'])}:{PLACES[m['location']]}" for m in record["medications"]
        ],
        "long_term_medication": [record["long_term_medication"]["code"]] if record["long_term_medication"] else [],
        "vitals": [
            ":".join(
                [minutes(record, v["timestamp"]), str(v["heart_rate"]), *v["blood_pressure"].split("/"),
                 str(v["respiratory_rate"]), str(v["spo2"]), f"{v['temperature']:.1f}", str(v["gcs"]),
                 "" if v["pain"] is None else str(v["pain"])]
            )
            for v in record["vitals"]
        ],
        "treatments": [
            f"{t['code']}:{minutes(record, t['timestamp'])}:{PLACES[t['location']]}"
            + (f":{t['body_site']}" if "body_site" in t else "")
            + (f":{t['blood_group']}" if "blood_group" in t else "")
            for t in record["treatments"]
        ],
    }
    for name, entries in lists.items():
        assert row[name] == ";".join(entries), (name, row[name], entries)
        assert (cell[name] or "") == row[name], name
    steps = row["movement_timeline"].split(";")
    for step, event in zip(steps, record["movement_timeline"], strict=True):
        wanted = [event["event_type"], minutes(record, event["timestamp"]), PLACES[event["facility"]]]
        assert step.split(":")[:3] == wanted
        assert ("to_facility" not in event) or step.split(":")[3] == PLACES[event["to_facility"]]
    given = [m.text for m in element.findall("medications/medication") if m.get("long_term") is None]
    assert given == [m["name"] for m in record["medications"]]
    assert [a.get("code") for a in element.find("allergies")] == [a["code"] for a in record["allergies"]]
    assert [c.get("body_part") for c in element.find("conditions")] == [c["body_part"] for c in record["conditions"]]
    assert [t.get("code") for t in element.find("treatments")] == [t["code"] for t in record["treatments"]]
    pains = [reading.get("pain") for reading in element.find("vitals")]
    assert pains == [None if v["pain"] is None else str(v["pain"]) for v in record["vitals"]]
    for vitals in record["vitals"]:
        assert (vitals["pain"] is None) == (vitals["gcs"] < 9)


def luhn(number):
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def bulk(folder, records):
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["requiresAccessToken"] is False and manifest["error"] == []
    assert datetime.datetime.fromisoformat(manifest["transactionTime"].replace("Z", "+00:00"))
    known, wanted, by_type = set(), set(), {}
    for output in manifest["output"]:
        resources = [json.loads(line) for line in (folder / output["url"]).read_text("utf-8").split("\n")[:-1]]
        assert len(resources) == output["count"], output
        by_type[output["type"]] = resources
        for resource in resources:
            assert resource["resourceType"] == output["type"]
            name = f"{resource['resourceType']}/{resource['id']}"
            assert name not in known, f"{name} stands twice"
            known.add(name)
            wanted.update(references(resource))
    assert len(by_type["Patient"]) == len(records)
    assert wanted <= known, f"{sorted(wanted - known)[:3]} are referred to and not exported"

    def total(key):
        return sum(len(record[key]) for record in records)

    assert len(by_type["MedicationAdministration"]) == total("medications") > len(records) / 2
    assert len(by_type["Condition"]) == total("conditions") and len(by_type["Procedure"]) == total("treatments")
    assert len(by_type["AllergyIntolerance"]) == total("allergies") > 0
    assert len(by_type["MedicationStatement"]) == sum(r["long_term_medication"] is not None for r in records) > 0
    assert len(by_type["Observation"]) == 2 * len(records) + 8 * total("vitals")
    given = iter(by_type["MedicationAdministration"])
    for record in records:
        for medication in record["medications"]:
            resource = next(given)
            assert resource["subject"]["reference"] == f"Patient/p-{record['id']}"
            assert resource["medicationCodeableConcept"]["coding"][0]["code"] == medication["code"]
            assert resource["effectiveDateTime"] == medication["timestamp"]
            assert resource["dosage"]["dose"]["value"] == medication["dose_mg"]
            assert resource["context"]["reference"].startswith(f"Encounter/encounter-{record['id']}-")
    for record, patient in zip(records, by_type["Patient"], strict=True):
        person = record["demographics"]
        assert (patient["name"][0]["family"], patient["name"][0]["given"]) == (person["family_name"], [person["given_name"]])
        assert patient["identifier"][1]["value"] == person["national_id"]
        assert patient["identifier"][1]["system"].startswith("urn:oid:2.16.840.1.113883.19.")
        native = [(name["family"], name["given"][0]) for name in patient["name"][1:]]
        assert native == ([(person["native_family_name"], person["native_given_name"])] if person["native_family_name"] else [])


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


main()
