"""HTML reports with pictures inside: tables, and lines over time as inline SVG. No script, no file beside it."""
import html
import math

COLOURS = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd"]
STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:62em;margin:2em auto;padding:0 1em;color:#222;background:#fff}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .8em;border-bottom:1px solid #ddd;text-align:right}
td:first-child,th:first-child{text-align:left}.good{color:#17692b}.bad{color:#b00020;font-weight:600}svg{max-width:100%;height:auto}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}td,th{border-color:#444}.good{color:#7ed491}.bad{color:#ff8a94}}"""


def number(value):
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head, rows):
    """Rows of cells; a cell that is True or False becomes “holds” or “misses”."""
    def cell(value):
        if value is True:
            return '<td class="good">holds</td>'
        if value is False:
            return '<td class="bad">misses</td>'
        return f"<td>{html.escape(number(value))}</td>"

    body = "".join("<tr>" + "".join(map(cell, row)) + "</tr>" for row in rows)
    return "<table><tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in head) + f"</tr>{body}</table>"


def _ceiling(value):
    if value <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


def lines(title, unit, series, width=720, height=220):
    """A picture of values over seconds: `series` maps a name to its (second, value) points."""
    left, right, top, bottom = 64, 12, 34, 28
    points = [point for values in series.values() for point in values if point[1] is not None]
    if not points:
        return ""
    last, first = max(p[0] for p in points), min(p[0] for p in points)
    most = _ceiling(max(p[1] for p in points))
    x = lambda second: left + (second - first) / max(last - first, 1e-9) * (width - left - right)
    y = lambda value: height - bottom - value / most * (height - top - bottom)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
           f'aria-label="{html.escape(title)}" font-family="system-ui,sans-serif" font-size="12" fill="currentColor">',
           f'<text x="{left}" y="16" font-weight="600">{html.escape(title)}</text>']
    for step in range(5):
        value = most * step / 4
        out.append(f'<path d="M{left} {y(value):.1f}H{width - right}" stroke="currentColor" stroke-opacity=".15"/>'
                   f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{number(value)}</text>')
    out.append(f'<text x="{left}" y="{height - 8}">{number(first)} s</text>'
               f'<text x="{width - right}" y="{height - 8}" text-anchor="end">{number(last)} s</text>'
               f'<text x="8" y="16">{html.escape(unit)}</text>')
    for index, (name, values) in enumerate(series.items()):
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(f"{x(second):.1f},{y(value):.1f}" for second, value in values if value is not None)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
                   f'<text x="{width - right - 130 * (len(series) - 1 - index)}" y="16" text-anchor="end" fill="{colour}">'
                   f'{html.escape(name)}</text>')
    return "".join(out) + "</svg>"


def page(title, *parts):
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE}</style>'
            f"<h1>{html.escape(title)}</h1>" + "\n".join(parts) + "</html>\n")


def slope(points):
    """Least squares of (second, value) points: (value a second, its standard error). Needs three points."""
    n = len(points)
    if n < 3:
        raise ValueError("a slope needs three samples")
    mean_x, mean_y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    spread = sum((p[0] - mean_x) ** 2 for p in points)
    rise = sum((p[0] - mean_x) * (p[1] - mean_y) for p in points) / spread
    rest = sum((p[1] - mean_y - rise * (p[0] - mean_x)) ** 2 for p in points)
    return rise, math.sqrt(rest / (n - 2) / spread)
