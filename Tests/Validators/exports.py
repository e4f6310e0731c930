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
    bulk(folder, count)
    print(f"{count} patients of {len(nations)} nations are the same in every format")


def bulk(folder, count):
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["requiresAccessToken"] is False and manifest["error"] == []
    known, wanted = set(), set()
    for output in manifest["output"]:
        resources = [json.loads(line) for line in (folder / output["url"]).read_text("utf-8").split("\n")[:-1]]
        assert len(resources) == output["count"], output
        for resource in resources:
            assert resource["resourceType"] == output["type"]
            name = f"{resource['resourceType']}/{resource['id']}"
            assert name not in known, f"{name} stands twice"
            known.add(name)
            wanted.update(references(resource))
    assert sum(name.startswith("Patient/") for name in known) == count
    assert wanted <= known, f"{sorted(wanted - known)[:3]} are referred to and not exported"


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
