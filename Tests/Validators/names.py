"""Checks the given names of the nations against nam_dict, which knows the sex of a name by country.

Usage: names.py Sources/PatientGen/Population/Nations
"""
import glob
import re
import sys

import gender_guesser.detector

COUNTRIES = dict(zip(
    "ALB BEL BGR CAN CZE DEU DNK ESP EST FIN FRA GBR GRC HRV HUN ISL ITA LTU LUX LVA MKD MNE NLD NOR POL PRT ROU SVK SVN SWE TUR USA".split(),
    "albania belgium bulgaria usa czech_republic germany denmark spain estonia finland france great_britain greece croatia hungary iceland "
    "italy lithuania luxembourg latvia macedonia montenegro the_netherlands norway poland portugal romania slovakia slovenia sweden turkey "
    "usa".split()))
# Of the other sex for nam_dict, and looked at: common for both, of the nation's other language, or mistaken there.
LOOKED_AT = {
    "CAN male Alexis", "CAN male Jean", "DNK female Kirstine", "GBR female Carol", "GRC male Artemis", "GRC female Alkistis",
    "GRC female Themis", "MKD male Done", "NLD male Ali", "NLD male Jamie", "NLD male Luca", "ROU male Florea", "ROU male Nicoară",
    "TUR male Deniz", "USA female Taylor",
}

detector = gender_guesser.detector.Detector(case_sensitive=False)
wrong, unknown, count, nations = [], 0, 0, set()
for path in sorted(glob.glob(f"{sys.argv[1]}/*.swift")):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for code, body in re.findall(r'"([A-Z]{3})", "[^"]+",(.*?)(?="[A-Z]{3}", "|\Z)', text, re.DOTALL):
        nations.add(code)
        for sex, other in ("male", "female"), ("female", "male"):
            names = re.sub(r"\\\n\s*", "", re.search(rf'\b{sex}: """\n(.*?)"""', body, re.DOTALL)[1]).strip().split(",")
            for name in (name.split("=")[0].strip() for name in names):
                found = detector.get_gender(name, COUNTRIES[code])
                if found == "unknown":
                    found = detector.get_gender(name)
                count += 1
                unknown += found == "unknown"
                if found in (other, f"mostly_{other}") and f"{code} {sex} {name}" not in LOOKED_AT:
                    wrong.append(f"{code}: {name} stands among the {sex} names and is {found}")
print(f"{count} names of {len(nations)} nations, {unknown} unknown to nam_dict")
for line in wrong:
    print(line, file=sys.stderr)
sys.exit(1 if wrong or unknown > count * 0.08 or nations != set(COUNTRIES) else 0)
