"use strict";
/* Pictures: plain SVG, named for screen readers, coloured by the style sheet. No picture says by colour alone what it says. */
const escapeText = text => String(text).replace(/[&<>"]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const count = number => Number(number).toLocaleString("en");
const percent = (part, whole) => { const share = 100 * part / (whole || 1); return `${share > 0 && share < 9.95 ? share.toFixed(1) : Math.round(share)} %`; };
const picture = (width, height, label, content) =>
  `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(label)}">${content}</svg>`;
const write = (x, y, text, more = "") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escapeText(text)}</text>`;
const box = (x, y, width, height, kind, more = "") =>
  `<rect class="${kind}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0, width).toFixed(1)}" height="${Math.max(0, height).toFixed(1)}" ${more}></rect>`;
const spoken = (title, entries, total) => `${title}: ${entries.map(([name, value]) => `${name} ${count(value)} of ${count(total)}`).join(", ")}`;
const sumOf = entries => entries.reduce((sum, [, value]) => sum + value, 0);

/** One bar an entry, the longest the whole width. */
function bars(title, entries) {
  const most = Math.max(1, ...entries.map(([, value]) => value)), total = sumOf(entries);
  const rows = entries.map(([name, value], row) => write(0, row * 24 + 16, name) + box(112, row * 24 + 5, 190 * value / most, 14, "f0", `rx="3"`)
    + write(118 + 190 * value / most, row * 24 + 16, count(value), `class="strong"`)).join("");
  return picture(370, entries.length * 24 + 4, spoken(title, entries, total), rows);
}

/** One column a day: the shape of the operation. */
function columns(title, entries) {
  const most = Math.max(1, ...entries.map(([, value]) => value)), step = 370 / entries.length;
  const every = Math.ceil(entries.length / 12);
  const bodies = entries.map(([name, value], at) => {
    const height = 118 * value / most, x = at * step;
    return box(x + step * .12, 138 - height, step * .76, height, "f0", `rx="3"`)
      + (at % every ? "" : write(x + step / 2, 154, name.replace(/\D+/g, ""), `text-anchor="middle"`))
      + (entries.length <= 12 ? write(x + step / 2, 132 - height, count(value), `text-anchor="middle" class="strong"`) : "");
  }).join("");
  return picture(370, 160, spoken(title, entries, sumOf(entries)), `<line class="grid" x1="0" x2="370" y1="138" y2="138"></line>${bodies}`);
}

/** Shares of a whole, as a ring with its legend. `kinds` are the classes of the parts. */
function ring(title, entries, kinds = []) {
  const total = sumOf(entries), around = 2 * Math.PI * 56;
  let at = 0;
  const parts = entries.map(([, value], index) => {
    const length = around * value / (total || 1);
    const part = `<circle class="${(kinds[index] || `f${index % 8}`).replace("f", "s")}" cx="78" cy="78" r="56" fill="none" stroke-width="24" stroke-dasharray="${Math.max(0, length - 2).toFixed(2)} ${around.toFixed(2)}" stroke-dashoffset="${(-at).toFixed(2)}" transform="rotate(-90 78 78)"></circle>`;
    at += length;
    return part;
  }).join("");
  const step = entries.length > 4 ? 24 : 36, first = 80 - (entries.length - 1) * step / 2;
  const legend = entries.map(([name, value], index) => {
    const y = first + index * step, share = `${count(value)} · ${percent(value, total)}`;
    return box(172, y - 6, 12, 12, kinds[index] || `f${index % 8}`, `rx="3"`) + (entries.length > 4
      ? write(192, y + 4, `${name} ${percent(value, total)}`) : write(192, y - 3, share, `class="strong"`) + write(192, y + 12, name));
  }).join("");
  return picture(370, 160, spoken(title, entries, total), `${parts}${write(78, 84, count(total), `class="big" text-anchor="middle"`)}${legend}`);
}

/** Shares of a whole as one bar. */
function stack(title, entries, width = 370) {
  const total = sumOf(entries);
  let x = 0;
  const parts = entries.map(([, value], index) => {
    const part = box(x, 0, width * value / (total || 1) - 1.5, 16, `f${index % 8}`, `rx="2"`);
    x += width * value / (total || 1);
    return part;
  }).join("");
  return picture(width, 16, spoken(title, entries, total), parts);
}

/** Where the injuries are: a figure whose parts are the darker the more patients they have. */
function figure(title, entries) {
  const counts = Object.fromEntries(entries), most = Math.max(1, ...entries.map(([, value]) => value));
  const shade = region => `class="f3" fill-opacity="${(.1 + .9 * Math.sqrt((counts[region] || 0) / most)).toFixed(2)}"`;
  const body = `<g class="figure">
    <path ${shade("head")} d="M56 26a19 21 0 0 1 38 0v6h-38z"></path><path ${shade("face")} d="M56 32h38q-1 18-19 20q-18-2-19-20z"></path>
    <ellipse ${shade("ears")} cx="53" cy="33" rx="3" ry="6"></ellipse><ellipse ${shade("ears")} cx="97" cy="33" rx="3" ry="6"></ellipse>
    <circle ${shade("eyes")} cx="67" cy="33" r="3.4"></circle><circle ${shade("eyes")} cx="83" cy="33" r="3.4"></circle>
    <path ${shade("neck")} d="M67 52h16v9h-16z"></path><path ${shade("thorax")} d="M48 63h54q5 0 5 6l-5 43h-54l-5-43q0-6 5-6z"></path>
    <path ${shade("abdomen")} d="M48 114h54l3 38h-60z"></path>
    <path ${shade("extremity")} d="M40 66l-14 50-8 42h11l9-38 8-32zM110 66l14 50 8 42h-11l-9-38-8-32z"></path>
    <path ${shade("extremity")} d="M46 154h27l-3 50-4 42h-14l-2-46zM104 154h-27l3 50 4 42h14l2-46z"></path></g>`;
  const rows = entries.map(([name, value], row) => write(166, 30 + row * 27, name) + box(236, 20 + row * 27, 84 * value / most, 12, "f3", `rx="3" fill-opacity="${(.1 + .9 * Math.sqrt(value / most)).toFixed(2)}"`)
    + write(326 - 84 + 84 * value / most, 30 + row * 27, count(value), `class="strong"`)).join("");
  return picture(370, 252, spoken(title, entries, sumOf(entries)), body + rows);
}

/** A patient's way: the places from the point of injury back, the time from left to right, and the vital signs below. */
function journey(patient) {
  const moves = patient.movement_timeline || [];
  const name = place => place === "POI" ? "injury" : String(place).replace(/Role/, "Role ");
  const places = [...new Set(moves.flatMap(move => [move.facility, move.to_facility]).filter(Boolean))];
  const hours = Math.max(1, ...moves.map(move => move.hours_since_injury || 0));
  const left = 58, x = hour => left + (490 - left) * Math.min(1, hour / hours), y = place => 18 + places.indexOf(place) * 34;
  const bottom = 8 + places.length * 34;
  const step = [1, 2, 4, 6, 12, 24, 48, 96, 168, 336, 720].find(each => hours / each <= 6) || Math.ceil(hours / 6);
  let content = places.map(place => `<line class="grid" x1="${left}" x2="490" y1="${y(place)}" y2="${y(place)}"></line>${write(0, y(place) + 5, name(place))}`).join("");
  for (let hour = 0; hour <= hours; hour += step) {
    content += `<line class="grid" x1="${x(hour)}" x2="${x(hour)}" y1="4" y2="${bottom}"></line>${write(x(hour), bottom + 16, step >= 24 ? `${hour / 24} d` : `${hour} h`, `text-anchor="${hour ? "middle" : "start"}"`)}`;
  }
  let since = null;
  for (const move of moves) {
    const at = move.hours_since_injury || 0;
    if (move.event_type === "arrival") {
      if (since && since.leaves) content += `<path class="way" d="M${x(since.leaves)} ${y(since.facility)}L${x(at)} ${y(move.facility)}"></path>`;
      since = { at, facility: move.facility };
    } else if (since) {
      if (move.event_type === "transit_start") since.leaves = at;
      if (move.event_type !== "evacuation_start") content += box(x(since.at), y(since.facility) - 7, Math.max(5, x(at) - x(since.at)), 14, "f0", `rx="4"`);
      if (move.event_type !== "transit_start" && move.event_type !== "evacuation_start") {
        content += `<circle class="${move.event_type === "rtd" ? "f0" : "f3"} end" cx="${x(at)}" cy="${y(move.facility)}" r="8"></circle>`;
      }
    }
  }
  const start = Date.parse(patient.injury_time);
  const after = moment => (Date.parse(moment) - start) / 3.6e6;
  for (const treatment of patient.treatments || []) {
    if (places.includes(treatment.location)) content += `<circle class="f1" cx="${x(after(treatment.timestamp))}" cy="${y(treatment.location)}" r="4"><title>${escapeText(treatment.treatment)}</title></circle>`;
  }
  const vitals = patient.vitals || [];
  const curve = (read, low, high, kind) => {
    const points = vitals.map(sign => [x(after(sign.timestamp)), bottom + 78 - 46 * (Math.min(high, Math.max(low, read(sign))) - low) / (high - low)]);
    return `<polyline class="line ${kind}" points="${points.map(point => point.map(v => v.toFixed(1)).join(",")).join(" ")}"></polyline>`
      + points.map(([cx, cy]) => `<circle class="${kind.replace("l", "f")}" cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="2.6"></circle>`).join("");
  };
  if (vitals.length) {
    const first = vitals[0], last = vitals.at(-1);
    content += curve(sign => sign.heart_rate, 40, 160, "l3") + curve(sign => sign.spo2, 70, 100, "l2")
      + write(0, bottom + 44, "pulse", `class="t3"`) + write(0, bottom + 62, "SpO₂", `class="t2"`)
      + write(left, bottom + 100, `pulse ${first.heart_rate} → ${last.heart_rate}`, `class="t3"`)
      + write(left + 130, bottom + 100, `SpO₂ ${first.spo2} → ${last.spo2} %`, `class="t2"`)
      + write(left + 270, bottom + 100, `pressure ${first.blood_pressure} → ${last.blood_pressure}`);
  }
  const said = moves.map(move => `${move.event_type.replace(/_/g, " ")} ${name(move.facility)} after ${move.hours_since_injury} hours`).join(", ");
  return picture(520, bottom + (vitals.length ? 108 : 24), `Way of the patient: ${said}`, content);
}

/** Lines over time; the first is filled. */
function lines(label, values, from) {
  const top = Math.max(1e-9, ...values.flat()) * 1.15, length = values[0].length;
  const x = index => 40 + 330 * index / Math.max(1, length - 1), y = value => 104 - 94 * value / top;
  const short = value => value >= 1e6 ? `${(value / 1e6).toFixed(1)}M` : value >= 1e4 ? `${Math.round(value / 1e3)}k` : value >= 10 ? Math.round(value) : Math.round(value * 100) / 100;
  const path = line => line.map((value, at) => `${at ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const grid = [0, .5, 1].map(part => `<line class="grid" x1="40" x2="370" y1="${104 - 94 * part}" y2="${104 - 94 * part}"></line>${write(34, 108 - 94 * part, short(top * part), `text-anchor="end"`)}`).join("");
  const area = length > 1 ? `<path class="area" d="${path(values[0])}L${x(length - 1).toFixed(1)} 104L40 104Z"></path>` : "";
  const times = from ? write(40, 122, from) + write(370, 122, "now", `text-anchor="end"`) : "";
  return picture(380, 126, label, grid + area + values.map((line, index) => `<path class="line l${index}" d="${path(line)}"></path>`).join("") + times);
}
