"use strict";
const api = "/api/v1";
const $ = id => document.getElementById(id);
const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter(child => child != null));
  return node;
};
const words = text => String(text).replace(/_/g, " ");

function headers(extra = {}) {
  const key = $("api-key").value;
  return key ? { ...extra, Authorization: `Bearer ${key}` } : extra;
}
async function call(path, options = {}) {
  const response = await fetch(api + path, { ...options, headers: headers(options.headers) });
  const body = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(body && body.detail ? body.detail : `the server answered ${response.status}`);
  return body;
}
const say = text => { $("state").textContent = text; };

/* Scenario ------------------------------------------------------------------------------------------------------- */
const choices = {
  warfare: ["conventional", "artillery", "urban", "guerrilla", "drone", "naval", "cbrn", "peacekeeping"],
  events: ["major_offensive", "ambush", "mass_casualty"],
  environment: ["rain", "fog", "storm", "extreme_heat", "extreme_cold", "dust_storm", "night_operations", "mountainous_terrain", "urban_debris"],
  formats: ["ndjson", "json", "csv", "xlsx", "xml", "fhir-ndjson", "fhir-bundle", "ips", "dd1380", "9line", "mist"],
};
const mixes = ["Disease", "Non-Battle Injury", "Battle Injury"];
let nations = [];
let presets = [];

function boxes(id) {
  for (const name of choices[id]) {
    $(id).append(make("label", {}, make("input", { type: "checkbox", name, checked: id === "formats" && name === "ndjson" }), ` ${words(name)}`));
  }
}
const ticked = id => [...$(id).querySelectorAll("input:checked")].map(box => box.name);
const flags = id => Object.fromEntries(ticked(id).map(name => [name, true]));
function tick(id, values) {
  const on = Array.isArray(values) ? values : Object.keys(values || {}).filter(name => values[name]);
  for (const box of $(id).querySelectorAll("input")) box.checked = on.includes(box.name);
}

function addFront(front = {}) {
  const box = make("div", { class: "front" });
  const nationsBox = make("div", { class: "nations" });
  const addNation = (code = "", share = "") => {
    const list = make("select", { "aria-label": "Nation" }, ...nations.map(nation =>
      make("option", { value: nation.code, selected: nation.code === code }, `${nation.code} ${nation.name}`)));
    const row = make("span", { class: "nation" }, list,
      make("input", { type: "number", min: 0, max: 100, step: "any", value: share, "aria-label": "Percent of this front", size: 4, oninput: sums }),
      make("button", { type: "button", "aria-label": "Remove nation", onclick: () => { row.remove(); sums(); } }, "×"));
    nationsBox.append(row);
  };
  box.append(
    make("div", { class: "row" },
      make("label", {}, "Name", make("input", { class: "name", value: front.name || `Front ${$("fronts").children.length + 1}` })),
      make("label", {}, "Share of casualties, 0 to 1", make("input", { class: "rate", type: "number", min: 0, max: 1, step: "any", value: front.casualty_rate ?? 1, oninput: sums })),
      make("button", { type: "button", onclick: () => { addNation(nations[0] && nations[0].code, 0); sums(); } }, "Add nation"),
      make("button", { type: "button", onclick: () => { box.remove(); sums(); } }, "Remove front"),
      make("output", { class: "sum" })),
    nationsBox);
  for (const entry of front.nationality_distribution || [{ nationality_code: "USA", percentage: 100 }]) addNation(entry.nationality_code, entry.percentage);
  $("fronts").append(box);
}
const numbers = nodes => [...nodes].reduce((sum, node) => sum + (Number(node.value) || 0), 0);
function verdict(output, sum, whole, unit) {
  const fits = Math.abs(sum - whole) < whole / 1000;
  output.textContent = fits ? `sum ${whole}${unit} ✓` : `sum is ${Math.round(sum * 1000) / 1000}${unit}, it must be ${whole}${unit}`;
  output.className = fits ? "sum good" : "sum bad";
  return fits;
}
/* What the scenario comes to, while it is built. */
function preview() {
  const total = Number($("total").value) || 0, days = Number($("days").value) || 1;
  const fronts = [...$("fronts").children].map(front => ({
    name: front.querySelector(".name").value, share: Number(front.querySelector(".rate").value) || 0,
    nations: [...front.querySelectorAll(".nation")].map(row => [row.querySelector("select").value, Number(row.querySelector("input").value) || 0]),
  }));
  const nationCount = new Set(fronts.flatMap(front => front.nations.map(([code]) => code))).size;
  const part = (title, svg, note) => {
    const node = make("div", { class: "part" }, make("h3", {}, title));
    node.insertAdjacentHTML("beforeend", svg);
    if (note) node.append(note);
    return node;
  };
  const legend = (entries, unit) => make("p", { class: "legend" }, ...entries.map(([name, value], index) =>
    make("span", {}, make("i", { class: `d${index % 8}` }), `${name} ${Math.round(value * 10) / 10}${unit}`)));
  const mix = [...$("mix").querySelectorAll("input")].map(field => [field.name, Number(field.value) || 0]);
  $("preview").replaceChildren(
    make("p", { class: "sum-up" }, make("strong", {}, count(total)), ` patients in ${days} ${days === 1 ? "day" : "days"}`,
      fronts.length ? ` on ${fronts.length} ${fronts.length === 1 ? "front" : "fronts"}, of ${nationCount} ${nationCount === 1 ? "nation" : "nations"}` : "",
      `: about ${count(Math.round(total / days))} a day.`),
    part("Casualties", stack("Casualties", mix), legend(mix, " %")),
    ...fronts.map(front => part(`${front.name}: ${count(Math.round(total * front.share))}`, stack(front.name, front.nations), legend(front.nations, " %"))));
}
function sums() {
  preview();
  $("problem").textContent = "";
  let fits = verdict($("mix-sum"), numbers($("mix").querySelectorAll("input")), 100, " %");
  const fronts = [...$("fronts").children];
  for (const front of fronts) fits = verdict(front.querySelector(".sum"), numbers(front.querySelectorAll(".nation input")), 100, " %") && fits;
  if (fronts.length) fits = verdict($("front-sum"), numbers($("fronts").querySelectorAll(".rate")), 1, "") && fits;
  else $("front-sum").textContent = "without fronts the preset's own are used";
  return fits;
}
function fill(preset) {
  const scenario = preset.scenario || {};
  $("preset-help").textContent = preset.description ? `${preset.description}. Everything below can be changed.` : "";
  $("total").value = scenario.total_patients ?? 1440;
  $("days").value = scenario.days_of_fighting ?? 8;
  $("date").value = scenario.base_date ?? "2025-06-01";
  $("intensity").value = scenario.intensity ?? "medium";
  $("tempo").value = scenario.tempo ?? "sustained";
  tick("warfare", scenario.warfare_types);
  tick("events", scenario.special_events);
  tick("environment", scenario.environmental_conditions);
  const mix = scenario.injury_mix || { "Disease": 0.52, "Non-Battle Injury": 0.33, "Battle Injury": 0.15 };
  const scale = mixes.reduce((sum, name) => sum + (mix[name] || 0), 0) > 1.5 ? 1 : 100;
  for (const box of $("mix").querySelectorAll("input")) box.value = Math.round((mix[box.name] || 0) * scale * 100) / 100;
  $("fronts").replaceChildren();
  for (const front of scenario.front_configs || []) addFront(front);
  sums();
}
function scenario() {
  const result = {
    total_patients: Number($("total").value), days_of_fighting: Number($("days").value), base_date: $("date").value,
    intensity: $("intensity").value, tempo: $("tempo").value,
    warfare_types: flags("warfare"), special_events: flags("events"), environmental_conditions: flags("environment"),
    injury_mix: Object.fromEntries([...$("mix").querySelectorAll("input")].map(box => [box.name, Number(box.value) / 100])),
  };
  const fronts = [...$("fronts").children].map((front, index) => ({
    id: `front-${index + 1}`, name: front.querySelector(".name").value, casualty_rate: Number(front.querySelector(".rate").value),
    nationality_distribution: [...front.querySelectorAll(".nation")].map(row => ({
      nationality_code: row.querySelector("select").value, percentage: Number(row.querySelector("input").value) })),
  }));
  if (fronts.length) result.front_configs = fronts;
  return result;
}
async function generate(event) {
  event.preventDefault();
  $("problem").textContent = "";
  if (!sums()) { $("problem").textContent = "The sums marked above must be whole before patients can be generated."; return; }
  const body = { scenario: scenario(), output_formats: ticked("formats") };
  if (!body.output_formats.length) { $("problem").textContent = "formats: choose at least one"; return; }
  if ($("compression").checked) body.compression = true;
  if ($("password").value) body.encryption_password = $("password").value;
  if ($("seed").value.trim()) {
    if (!/^\d{1,19}$/.test($("seed").value.trim())) { $("problem").textContent = "seed: takes a whole number from 0"; return; }
    body.seed = $("seed").value.trim();
  }
  try {
    const key = crypto.randomUUID ? crypto.randomUUID() : String(Math.random());
    const job = await call("/generation/", { method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": key }, body: JSON.stringify(body) });
    say(`Job ${job.job_id} accepted`);
    await refreshJobs();
    $("jobs").scrollIntoView();
  } catch (error) { $("problem").textContent = error.message; }
}

/* Jobs ----------------------------------------------------------------------------------------------------------- */
const watched = new Set();
let cursor = null;
const ended = job => ["completed", "failed", "cancelled"].includes(job.status);

function jobRow(job) {
  const act = (label, path, method = "POST") => make("button", { type: "button", "aria-label": `${label} job ${job.job_id}`, onclick: async () => {
    try { await call(`/jobs/${job.job_id}${path}`, { method }); say(`${label}: done`); } catch (error) { say(error.message); }
    refreshJobs();
  } }, label);
  const actions = make("td");
  if (job.status === "completed") {
    actions.append(make("button", { type: "button", "aria-label": `Look at the patients of job ${job.job_id}`, onclick: () => look(job.job_id) }, "Look"));
    const formats = job.output_formats || ["ndjson"];
    for (const format of formats.length > 1 ? [...formats, "zip"] : formats) actions.append(downloadLink(job, format));
  }
  if (!ended(job)) actions.append(act("Cancel", "/cancel"));
  if (job.status === "failed" || job.status === "cancelled") actions.append(act("Retry", "/retry"));
  if (ended(job)) actions.append(act("Delete", "", "DELETE"));
  const eta = job.eta_seconds != null && !ended(job) ? ` about ${Math.ceil(job.eta_seconds)} s left` : "";
  const tone = { completed: "good", failed: "bad", cancelled: "warn" }[job.status] || "";
  return make("tr", { id: `job-${job.job_id}`, "data-job": JSON.stringify(job) },
    make("th", { scope: "row", title: String(job.job_id) }, `…${String(job.job_id).slice(-8)}`),
    make("td", {}, make("span", { class: `state ${tone}` }, job.status), job.error ? make("div", { class: "help bad" }, job.error) : null),
    make("td", {}, make("progress", { max: 100, value: job.progress, "aria-label": "Progress" }), ` ${Math.floor(job.progress)} %${eta}`),
    make("td", {}, Number(job.total_patients || 0).toLocaleString("en")),
    make("td", {}, (job.created_at || "").replace("T", " ").slice(0, 19)),
    actions);
}
/* A plain link streams straight to disk. With a key or a password the request needs a header, which a link cannot have. */
function downloadLink(job, format) {
  const path = `${api}/downloads/${job.job_id}?format=${format}`;
  return make("a", { href: path, download: true, "aria-label": `Download ${format} of job ${job.job_id}`, onclick: async event => {
    if (!$("api-key").value && !job.encrypted) return;
    event.preventDefault();
    const extra = {};
    if (job.encrypted) {
      const password = prompt("Password of the job");
      if (!password) return;
      extra["X-Encryption-Password"] = password;
    }
    try {
      const response = await fetch(path, { headers: headers(extra) });
      if (!response.ok) throw new Error((await response.json()).detail);
      const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") || "");
      const url = URL.createObjectURL(await response.blob());
      make("a", { href: url, download: name ? name[1] : format }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60000);
    } catch (error) { say(error.message); }
  } }, format);
}
function show(job) {
  const row = $(`job-${job.job_id}`);
  if (row && !row.contains(document.activeElement)) row.replaceWith(jobRow(job));
  if (ended(job)) { say(`Job ${job.job_id} ${job.status}`); watched.delete(job.job_id); refreshJobs(); }
}
/* Server-sent events, read by hand: EventSource cannot send a key. Not more at a time than the browser has connections. */
async function watch(job) {
  if (ended(job) || watched.has(job.job_id) || watched.size >= 3) return;
  watched.add(job.job_id);
  try {
    const response = await fetch(`${api}/jobs/${job.job_id}/events`, { headers: headers() });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (rest + part.value).split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const data = event.split("\n").find(line => line.startsWith("data: "));
        if (data) show(JSON.parse(data.slice(6)));
      }
    }
  } catch (error) { say(error.message); }
  if (watched.delete(job.job_id)) setTimeout(refreshJobs, 2000);
}
/* Rows that have not changed stay, and with them what is focused or being clicked. */
function renew(jobs) {
  const list = $("job-rows");
  const label = list.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  const ids = new Set(jobs.map(job => `job-${job.job_id}`));
  for (const row of [...list.children]) if (!ids.has(row.id)) row.remove();
  jobs.forEach((job, index) => {
    const old = $(`job-${job.job_id}`);
    if (!old) list.insertBefore(jobRow(job), list.children[index] || null);
    else if (old.dataset.job !== JSON.stringify(job)) old.replaceWith(jobRow(job));
  });
  if (label && !list.contains(document.activeElement)) [...list.querySelectorAll("[aria-label]")].find(node => node.getAttribute("aria-label") === label)?.focus();
}
async function refreshJobs(more) {
  try {
    const page = await call(`/jobs/?limit=20${more && cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    cursor = page.next_cursor;
    $("more-jobs").hidden = !cursor;
    if (more) $("job-rows").append(...page.jobs.map(jobRow)); else renew(page.jobs);
    $("no-jobs").hidden = $("job-rows").children.length > 0;
    page.jobs.forEach(watch);
  } catch (error) { say(error.message); }
}

/* Patients ------------------------------------------------------------------------------------------------------- */
const looking = { id: null, page: 1, pages: 1 };
async function look(id) {
  looking.id = id; looking.page = 1;
  try {
    const job = await call(`/jobs/${id}`);
    statistics(job.summary || {});
    await turn(0);
    $("patients").scrollIntoView();
  } catch (error) { say(error.message); }
}
/* How each statistic is best looked at; what is not named here is bars. */
const outcomes = { RTD: "returned to duty", Remains_Role4: "in Role 4 care", DOW: "died of wounds", KIA: "killed in action" };
const views = {
  day: { title: "Casualties by day", draw: columns, inOrder: true },
  injury_type: { title: "Injuries", draw: ring },
  triage: { title: "Triage", draw: (title, entries) => ring(title, entries, entries.map(([name]) => ({ T1: "f3", T2: "f1", T3: "f0" })[name] || "f7")), inOrder: true },
  outcome: { title: "Outcome", draw: (title, entries) => ring(title, entries, entries.map(([name]) => ({ [outcomes.RTD]: "f0", [outcomes.Remains_Role4]: "f2", [outcomes.DOW]: "f1", [outcomes.KIA]: "f3" })[name] || "f7")), names: outcomes },
  body_part: { title: "Where battle hurts", draw: figure },
  front: { title: "Fronts", draw: bars },
  last_facility: { title: "Last facility", draw: bars },
  nationality: { title: "Nations", draw: bars },
};
function statistics(summary) {
  const known = Object.keys(views);
  const place = key => known.includes(key) ? known.indexOf(key) : known.length;
  $("statistics").replaceChildren(...Object.entries(summary)
    .filter(([, value]) => value && typeof value === "object" && !Array.isArray(value) && Object.values(value).every(Number.isFinite))
    .sort(([a], [b]) => place(a) - place(b))
    .map(([key, counts]) => {
      const view = views[key] || { title: words(key), draw: bars };
      const entries = Object.entries(counts).filter(([, value]) => value > 0)
        .sort(([a, x], [b, y]) => view.inOrder ? a.localeCompare(b, "en", { numeric: true }) : y - x)
        .slice(0, view.inOrder ? 366 : 10)
        .map(([name, value]) => [view.names?.[name] || words(name), value]);
      const card = make("div", { class: "card" }, make("h3", {}, view.title));
      card.insertAdjacentHTML("beforeend", view.draw(view.title, entries));
      return card;
    }));
}
async function turn(step) {
  const wanted = Math.min(Math.max(1, looking.page + step), Math.max(1, looking.pages));
  const page = await call(`/jobs/${looking.id}/results?page=${wanted}&per_page=15`);
  looking.page = page.page; looking.pages = page.pages;
  $("browser").hidden = false;
  $("patients-help").hidden = true;
  $("page-label").textContent = `page ${page.page} of ${page.pages}, ${page.total.toLocaleString("en")} patients`;
  $("previous").disabled = page.page <= 1; $("next").disabled = page.page >= page.pages;
  $("patient-rows").replaceChildren(...page.patients.map(patient => {
    const open = () => {
      for (const row of $("patient-rows").children) row.setAttribute("aria-selected", row === node);
      timeline(patient);
      if (matchMedia("(max-width: 52rem)").matches) $("timeline").scrollIntoView({ block: "nearest" });
    };
    const node = make("tr", { tabindex: 0, "aria-selected": "false", onclick: open, onkeydown: event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(); } } },
      make("th", { scope: "row" }, String(patient.id)), make("td", {}, patient.nationality), make("td", {}, patient.injury_type),
      make("td", {}, make("i", { class: { T1: "d3", T2: "d1", T3: "d0" }[patient.triage_category] || "d7" }), patient.triage_category),
      make("td", {}, outcomes[patient.final_status] || words(patient.final_status)));
    return node;
  }));
  $("patient-rows").firstElementChild?.setAttribute("aria-selected", "true");
  if (page.patients.length) timeline(page.patients[0]);
}
function timeline(patient) {
  const person = patient.demographics || {};
  const end = new Set(["kia", "dow"]);
  const treated = (patient.treatments || []).map(t => ({ timestamp: t.timestamp, text: `${t.treatment} (${words(t.location)})` }));
  const moved = (patient.movement_timeline || []).map(e => ({ timestamp: e.timestamp, end: end.has(e.event_type),
    text: `${words(e.event_type)} ${words(e.facility || "")}${e.to_facility ? ` → ${words(e.to_facility)}` : ""}` }));
  const events = [...moved, ...treated].sort((a, b) => String(a.timestamp).localeCompare(String(b.timestamp)));
  const way = make("div", { class: "way-box" });
  way.insertAdjacentHTML("beforeend", journey(patient));
  $("timeline").replaceChildren(
    make("h3", {}, `${person.given_name || ""} ${person.family_name || ""}`),
    make("p", { class: "help" }, [person.rank, patient.nationality, person.gender, person.birthdate && `born ${person.birthdate}`, person.blood_type].filter(Boolean).join(" · ")),
    make("p", {}, (patient.conditions || []).map(condition => condition.name).join("; ")),
    way,
    make("ol", { class: "events" }, ...events.map(event => make("li", { class: event.end ? "end" : "" },
      make("time", { class: "quiet" }, String(event.timestamp || "").replace("T", " ").slice(0, 16)), ` ${event.text}`))));
}

/* Dashboard ------------------------------------------------------------------------------------------------------ */
const charts = [
  { title: "Requests a second", series: { requests: s => s.requests_per_second } },
  { title: "Response time, ms", series: { p50: s => s.p50_ms, p95: s => s.p95_ms, p99: s => s.p99_ms } },
  { title: "Database connections", series: { "in use": s => s.pool_in_use, limit: s => s.pool_limit, waiting: s => s.pool_waiting } },
  { title: "Jobs", series: { waiting: s => s.jobs_ready, running: s => s.jobs_running } },
  { title: "Patients a second", series: { patients: s => s.patients_per_second } },
  { title: "Memory, MB", series: { resident: s => s.memory_bytes / 1e6 } },
];
function chart({ title, series }, samples) {
  const names = Object.keys(series);
  const values = names.map(name => samples.length ? samples.map(sample => series[name](sample) ?? 0) : [0]);
  const label = value => value >= 100 ? count(Math.round(value)) : Math.round(value * 100) / 100;
  const last = names.map((name, index) => label(values[index].at(-1) ?? 0));
  const card = make("div", { class: "card" }, make("h3", {}, title), make("p", { class: "now" },
    ...names.map((name, index) => make("span", { class: `k${index}` }, make("strong", {}, String(last[index])), ` ${name}`))));
  card.insertAdjacentHTML("beforeend", lines(`${title}: ${names.map((name, index) => `${name} ${last[index]}`).join(", ")}`, values, samples.length ? String(samples[0].at).slice(11, 19) : ""));
  return card;
}
async function dashboard() {
  if (document.hidden) return;
  try {
    const data = await call("/dashboard");
    $("charts").replaceChildren(...charts.map(each => chart(each, data.samples)));
    const firing = data.alerts.filter(alert => alert.state !== "inactive");
    $("alerts").replaceChildren(...(firing.length ? firing.map(alert =>
      make("div", { class: `alert ${alert.state}` }, make("strong", {}, alert.name), ` ${alert.state}: ${alert.summary}`)) : [make("p", { class: "good" }, "No alert.")]));
  } catch (error) { $("alerts").replaceChildren(make("p", { class: "bad" }, error.message)); }
}

/* Start ---------------------------------------------------------------------------------------------------------- */
async function start() {
  ["warfare", "events", "environment", "formats"].forEach(boxes);
  for (const name of mixes) $("mix-sum").before(make("label", {}, `${name} `, make("input", { type: "number", name, min: 0, max: 100, step: "any", oninput: sums })));
  $("scenario").addEventListener("submit", generate);
  $("scenario").addEventListener("input", preview);
  $("add-front").addEventListener("click", () => { addFront(); sums(); });
  $("more-jobs").addEventListener("click", () => refreshJobs(true));
  $("previous").addEventListener("click", () => turn(-1).catch(error => say(error.message)));
  $("next").addEventListener("click", () => turn(1).catch(error => say(error.message)));
  $("preset").addEventListener("change", () => fill(presets.find(preset => preset.id === $("preset").value)));
  $("api-key").value = sessionStorage.getItem("key") || "";
  $("api-key").addEventListener("change", () => { sessionStorage.setItem("key", $("api-key").value); refreshJobs(); });
  try {
    nations = (await call("/configurations/reference/nationalities")).nationalities;
    presets = (await call("/presets")).presets;
    for (const preset of presets) $("preset").append(make("option", { value: preset.id }, words(preset.id)));
    const first = presets.find(preset => preset.id === "training_exercise") || presets[0];
    $("preset").value = first.id;
    fill(first);
  } catch (error) { $("problem").textContent = error.message; }
  await refreshJobs();
  await dashboard();
  setInterval(dashboard, 2000);
}
start();
