// The form for a new export: a schema, a plan to look at and to change, the first rows, and then the export.

import { BASE, call, clearFaults, held, Problem, showFaults } from "./api.js";
import { count } from "./format.js";
import { grid } from "./grid.js";
import { readOverride, showPlan } from "./plan.js";

const form = document.getElementById("new");
const busy = document.getElementById("busy");
const shown = document.getElementById("rows-shown");
const picker = document.getElementById("schema-id");
const statements = document.getElementById("ddl");
const PREVIEWED = 5;
// What was set in the plan, beside the form: rows by table, overrides by table and column.
const settings = { rows: new Map(), overrides: new Map() };
// Plans are made one after another; what was asked for before is not shown over what came later.
let asked = 0;
// One key for one form: pressing the button twice asks once.
let key = newKey();

function newKey() {
  return crypto.randomUUID?.() || String(Math.random()).slice(2);
}

function rowsWanted(text) {
  const all = text === "" ? null : Number(text);
  return settings.rows.size ? { "*": all, ...Object.fromEntries(settings.rows) } : all;
}

function read() {
  const data = new FormData(form);
  const config = { format: data.get("format"), rows: rowsWanted(data.get("rows")) };
  if (data.get("compression")) config.compression = data.get("compression");
  if (data.get("fileName")) config.fileName = data.get("fileName");
  for (const [place, text] of settings.overrides) {
    const [table, column] = place.split("\n");
    config.overrides ??= {};
    config.overrides[table] ??= {};
    config.overrides[table][column] = readOverride(text);
  }
  const wanted = { schema: data.get("schemaId") ? { id: data.get("schemaId") } : { ddl: data.get("ddl") }, config, seed: data.get("seed") };
  if (data.get("promptContext")) wanted.promptContext = data.get("promptContext");
  const notify = Object.fromEntries(["webhook", "email"].map((name) => [name, data.get(name)]).filter(([, value]) => value));
  if (Object.keys(notify).length) wanted.notify = notify;
  return wanted;
}

async function attempt(what, work) {
  clearFaults(form);
  busy.textContent = what;
  let outcome = "";
  try {
    outcome = (await held(form.querySelectorAll("button"), work)) || "";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showFaults(form, error.problem);
  } finally {
    busy.textContent = outcome;
  }
}

function tableOf(found) {
  const box = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0 });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", `First rows of ${found.name}`);
  box.append(grid(found));
  return box;
}

async function showRows() {
  const preview = await call("POST", `${BASE}/preview?rows=${PREVIEWED}`, read());
  document.getElementById("tables").replaceChildren(...preview.tables.map(tableOf));
  shown.hidden = false;
}

async function plan() {
  const wanted = read();
  const turn = (asked += 1);
  const made = await call("POST", `${BASE}/plan`, wanted);
  if (turn !== asked) return "";
  showPlan(made, wanted.config.format, settings, () => {
    key = newKey();
    attempt("Planning anew…", async () => {
      const told = await plan();
      await showRows();
      return told;
    });
  });
  const tables = made.tables.length === 1 ? "1 table" : `${count(made.tables.length)} tables`;
  return `Planned: ${count(made.rowsTotal)} rows in ${tables}.`;
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

function pick() {
  statements.hidden = Boolean(picker.value);
  statements.required = !statements.hidden;
  document.getElementById("ddl-hint").hidden = statements.hidden;
}

form.addEventListener("input", () => {
  key = newKey();
});
picker.addEventListener("change", pick);
for (const field of [statements, picker]) {
  // Another schema has other tables and columns.
  field.addEventListener("change", () => {
    settings.rows.clear();
    settings.overrides.clear();
  });
}

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
    const told = await plan();
    document.getElementById("plan").scrollIntoView({ behavior: calm(), block: "nearest" });
    return told;
  });
});

// "Same again with another seed": everything of an earlier export but its seed.
async function fillFrom(jobId) {
  const { config, schemaId, promptContext } = await call("GET", `${BASE}/export/${encodeURIComponent(jobId)}`);
  if (schemaId && ![...picker.options].some((option) => option.value === schemaId)) {
    picker.add(new Option("the schema of the earlier export", schemaId));
  }
  if (schemaId) picker.value = schemaId;
  const rows = config.rows;
  if (typeof rows === "number") form.elements.rows.value = rows;
  else for (const [table, number] of Object.entries(rows)) {
    if (table === "*") form.elements.rows.value = number;
    else settings.rows.set(table, number);
  }
  for (const [table, columns] of Object.entries(config.overrides || {})) {
    for (const [column, override] of Object.entries(columns)) settings.overrides.set(`${table}\n${column}`, JSON.stringify(override));
  }
  form.elements.format.value = config.format;
  form.elements.compression.value = config.compression || "";
  form.elements.fileName.value = config.fileName || "";
  form.elements.promptContext.value = promptContext || "";
  form.elements.seed.value = String(crypto.getRandomValues(new Uint32Array(1))[0]);
}

// Until here a press would have done nothing.
form.querySelectorAll("button").forEach((button) => (button.disabled = false));

const again = new URLSearchParams(location.search).get("again");
if (again) await fillFrom(again).catch(() => {});
pick();
