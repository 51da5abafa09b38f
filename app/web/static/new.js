// The form for a new export: a schema, a plan to look at and to change, the first rows, and then the export.

import { BASE, call, clearFaults, held, Problem, showFaults } from "./api.js";
import { count } from "./format.js";
import { grid } from "./grid.js";
import { readOverride, showPlan } from "./plan.js";

const form = document.getElementById("new");
const busy = document.getElementById("busy");
const shown = document.getElementById("rows-shown");
const picker = document.getElementById("schema-id");
const planBox = document.getElementById("plan");
const statements = document.getElementById("ddl");
const live = document.getElementById("live");
const PREVIEWED = 5;
// What the picker says for the service's own database.
const LIVE = "database";
// What was set in the plan, beside the form: rows by table, overrides by table and column.
const settings = { rows: new Map(), overrides: new Map() };
// What an earlier export was asked for with that no field of the form says: tables, scale, chunkRows and the like.
let kept = {};
// Plans are made one after another; what was asked for before is not shown over what came later.
let asked = 0;
let rowsAsked = 0;
// So many tables' first rows are shown: those of hundreds would be waited for, and looked at by nobody.
const MOST_SHOWN = 24;
// The plan on the page, and what it and the rows were made of.
let plan = null;
const made = { plan: "", rows: "" };
// One key for one form: pressing the button twice asks once.
let key = newKey();

function newKey() {
  return crypto.randomUUID?.() || String(Math.random()).slice(2);
}

function rowsWanted(text) {
  const all = text === "" ? null : Number(text);
  return settings.rows.size ? { "*": all, ...Object.fromEntries(settings.rows) } : all;
}

// What the browser itself finds wrong, all of it at once and in the reader's language.
function check() {
  const wrong = [...form.elements].filter((field) => field.name && !field.hidden && !field.validity.valid);
  if (!wrong.length) return;
  const errors = wrong.map((field) => ({ pointer: field.closest("[data-pointer]").dataset.pointer, message: field.validationMessage }));
  throw new Problem({ title: "The form is not complete", errors });
}

// A stored schema, the live database's, or the statements.
function schemaWanted(data) {
  const chosen = data.get("schemaId");
  if (!chosen) return { ddl: data.get("ddl") };
  if (chosen !== LIVE) return { id: chosen };
  const names = data.get("liveSchemas").split(",").map((name) => name.trim());
  return { database: { schemas: names.filter((name) => name) } };
}

function read() {
  const data = new FormData(form);
  const config = { ...kept, format: data.get("format"), rows: rowsWanted(data.get("rows")) };
  if (data.get("locale")) config.locale = data.get("locale");
  if (data.get("compression")) config.compression = data.get("compression");
  if (data.get("fileName")) config.fileName = data.get("fileName");
  for (const [place, text] of settings.overrides) {
    const [table, column] = place.split("\n");
    config.overrides ??= {};
    config.overrides[table] ??= {};
    config.overrides[table][column] = readOverride(text);
  }
  const wanted = { schema: schemaWanted(data), config, seed: data.get("seed") };
  if (data.get("promptContext")) wanted.promptContext = data.get("promptContext");
  const notify = Object.fromEntries(["webhook", "email"].map((name) => [name, data.get(name)]).filter(([, value]) => value));
  if (Object.keys(notify).length) wanted.notify = notify;
  return wanted;
}

// What follows by itself holds no button: it may have been pressed already, and that is what led to it.
async function attempt(what, work, { asked: byHand = true } = {}) {
  clearFaults(form);
  busy.textContent = what;
  let outcome = "";
  try {
    check();
    outcome = (await held(byHand ? form.querySelectorAll("button") : [], work)) || "";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showFaults(form, error.problem, { asked: byHand });
  } finally {
    busy.textContent = outcome;
  }
}

// All that rows and the plan hang on.
function basis({ schema, config: { format, compression, fileName, ...what }, seed, promptContext }) {
  return JSON.stringify({ schema, what, seed, promptContext });
}

function tableOf(found) {
  const box = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0 });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", `First rows of ${found.name}`);
  box.append(grid(found));
  return box;
}

function tablesShown() {
  const planned = plan?.tables.map((table) => table.name) || [];
  if (planned.length <= MOST_SHOWN) return [];
  const open = [...document.querySelectorAll("#plan-tables details[open]")].map((details) => details.dataset.table);
  // A list in a query is parted by commas.
  return [...new Set([...open, ...planned])].filter((name) => !name.includes(",")).slice(0, MOST_SHOWN);
}

async function showRows() {
  const wanted = read();
  const turn = (rowsAsked += 1);
  const some = tablesShown();
  const query = some.length ? `&tables=${encodeURIComponent(some.join(","))}` : "";
  const preview = await call("POST", `${BASE}/preview?rows=${PREVIEWED}${query}`, wanted);
  if (turn !== rowsAsked) return;
  made.rows = basis(wanted);
  document.getElementById("tables").replaceChildren(...preview.tables.map(tableOf));
  document.getElementById("rows-hint").textContent = some.length
    ? `Of ${count(preview.tables.length)} of ${count(plan.tables.length)} tables: those that are open in the plan, and the first ones.`
    : "";
  shown.hidden = false;
}

async function makePlan() {
  const wanted = read();
  const turn = (asked += 1);
  const found = await call("POST", `${BASE}/plan`, wanted).catch((error) => {
    // What is shown is of another schema.
    if (turn === asked && plan === null) planBox.hidden = shown.hidden = true;
    throw error;
  });
  if (turn !== asked) return "";
  plan = found;
  made.plan = basis(wanted);
  showPlan(plan, wanted.config.format, settings, () => anew());
  const tables = plan.tables.length === 1 ? "1 table" : `${count(plan.tables.length)} tables`;
  return `Planned: ${count(plan.rowsTotal)} rows in ${tables}.`;
}

function anew(how) {
  key = newKey();
  attempt("Planning anew…", async () => {
    const said = await makePlan();
    await showRows();
    return said;
  }, how);
}

// What is on the page is of what stands in the form: after a change of it both are made anew, where they are looked at.
function follow({ target }) {
  const wanted = basis(read());
  if (!picker.value && !statements.value.trim()) planBox.hidden = shown.hidden = true;
  if (!planBox.hidden && made.plan !== wanted) anew({ asked: false });
  else if (!shown.hidden && made.rows !== wanted) attempt("Making the first rows…", showRows, { asked: false });
  else if (!planBox.hidden && target.name === "format") showPlan(plan, target.value, settings, () => anew());
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

function pick() {
  statements.hidden = Boolean(picker.value);
  statements.required = !statements.hidden;
  document.getElementById("live-field").hidden = picker.value !== LIVE;
  live.required = picker.value === LIVE;
  document.getElementById("file-field").hidden = statements.hidden;
  document.getElementById("ddl-hint").hidden = statements.hidden;
}

form.addEventListener("input", () => {
  key = newKey();
});
picker.addEventListener("change", pick);
for (const field of [statements, picker, live]) {
  // Another schema has other tables and columns.
  field.addEventListener("change", () => {
    settings.rows.clear();
    settings.overrides.clear();
    kept = {};
    plan = null;
  });
}
form.addEventListener("change", follow);

// A file's text comes into the field, where it can be looked at and changed.
document.getElementById("file").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  statements.value = await file.text();
  // The same file again, once it was changed, is a new one.
  target.value = "";
  statements.dispatchEvent(new Event("change", { bubbles: true }));
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt("Starting…", async () => {
    const accepted = await call("POST", `${BASE}/export`, read(), { "idempotency-key": key });
    location.assign(`/exports/${accepted.jobId}`);
  });
});

document.getElementById("preview").addEventListener("click", () => {
  attempt("Making the first rows…", async () => {
    await showRows();
    shown.scrollIntoView({ behavior: calm(), block: "nearest" });
  });
});

document.getElementById("show-plan").addEventListener("click", () => {
  attempt("Planning…", async () => {
    const said = await makePlan();
    planBox.scrollIntoView({ behavior: calm(), block: "nearest" });
    busy.textContent = "Making the first rows…";
    await showRows();
    return said;
  });
});

// "Same again with another seed": everything of an earlier export but its seed.
async function fillFrom(jobId) {
  const { config, schemaId, promptContext } = await call("GET", `${BASE}/export/${encodeURIComponent(jobId)}`);
  if (schemaId && ![...picker.options].some((option) => option.value === schemaId)) {
    picker.add(new Option("the schema of the earlier export", schemaId));
  }
  if (schemaId) picker.value = schemaId;
  const { rows, overrides, format, compression, fileName, locale, ...others } = config;
  kept = others;
  if (typeof rows === "number") form.elements.rows.value = rows;
  else for (const [table, number] of Object.entries(rows)) {
    if (table === "*") form.elements.rows.value = number;
    else settings.rows.set(table, number);
  }
  for (const [table, columns] of Object.entries(overrides || {})) {
    for (const [column, override] of Object.entries(columns)) settings.overrides.set(`${table}\n${column}`, JSON.stringify(override));
  }
  form.elements.format.value = format;
  form.elements.compression.value = compression || "";
  form.elements.fileName.value = fileName || "";
  const locales = form.elements.locale;
  if (locale && ![...locales.options].some((option) => option.value === locale)) locales.add(new Option(locale, locale));
  locales.value = locale || "";
  form.elements.promptContext.value = promptContext || "";
  form.elements.seed.value = String(crypto.getRandomValues(new Uint32Array(1))[0]);
}

// Until here a press would have done nothing.
form.querySelectorAll("button, #file").forEach((control) => (control.disabled = false));

const again = new URLSearchParams(location.search).get("again");
if (again) await fillFrom(again).catch(() => {});
pick();
