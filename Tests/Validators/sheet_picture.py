"""Draws the first cells of a workbook as it stands in a spreadsheet: sheet_picture.py WORKBOOK PICTURE [--write]

Without --write it says whether the picture is still what the workbook looks like.
"""
import datetime
import html
import sys

import openpyxl

COLUMNS, CHARACTER, HEIGHT, MARGIN = 14, 8, 22, 34


def shown(cell):
    value = cell.value
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M" if "h" in cell.number_format.lower() else "%Y-%m-%d")
    return "" if value is None else str(value)


def picture(path):
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.active
    rows = [row[:COLUMNS] for row in sheet.iter_rows()]
    texts = [[shown(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in texts) * CHARACTER + 14 for place in range(COLUMNS)]
    lefts = [MARGIN + sum(widths[:place]) for place in range(COLUMNS + 1)]
    width, height = lefts[-1] + 1, HEIGHT * (len(rows) + 1) + 1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<title>{html.escape(sheet.title)}: a header and {len(rows) - 1} patients</title>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<path d="M0 0H{width}V{HEIGHT}H{MARGIN}V{height}H0Z" fill="#e8e8e8"/>',
    ]

    def text(x, row, content, more=""):
        parts.append(f'<text x="{x}" y="{row * HEIGHT + 15}"{more}>{html.escape(content)}</text>')

    for place in range(COLUMNS):
        middle = (lefts[place] + lefts[place + 1]) // 2
        text(middle, 0, openpyxl.utils.get_column_letter(place + 1), ' text-anchor="middle" fill="#666"')
    for number, row in enumerate(rows, 1):
        text(MARGIN // 2, number, str(number), ' text-anchor="middle" fill="#666"')
        for place, cell in enumerate(row):
            weight = ' font-weight="bold"' if cell.font.bold else ""
            # Numbers and dates stand to the right, as a spreadsheet has them.
            if isinstance(cell.value, (int, float, datetime.datetime)) and not isinstance(cell.value, bool):
                text(lefts[place + 1] - 6, number, texts[number - 1][place], f' text-anchor="end"{weight}')
            else:
                text(lefts[place] + 6, number, texts[number - 1][place], weight)
    lines = [f"M0 {y * HEIGHT}H{width}" for y in range(len(rows) + 2)] + [f"M{x} 0V{height}" for x in [0, *lefts]]
    parts.append(f'<path d="{"".join(lines)}" stroke="#c8c8c8" fill="none"/>')
    if sheet.freeze_panes:
        frozen = openpyxl.utils.cell.coordinate_from_string(sheet.freeze_panes)[1]
        parts.append(f'<path d="M0 {frozen * HEIGHT}H{width}" stroke="#444" stroke-width="2"/>')
    return "\n".join(parts + ["</svg>", ""])


def main():
    drawn = picture(sys.argv[1])
    if "--write" in sys.argv:
        open(sys.argv[2], "w", encoding="utf-8").write(drawn)
    elif open(sys.argv[2], encoding="utf-8").read() != drawn:
        sys.exit(f"{sys.argv[2]} is not what the workbook looks like; VITALS_WRITE_SAMPLES=1 draws it anew")


main()
