// The form for a new export.

import { BASE, call, clearFaults, Problem, showFaults } from "./api.js";

const form = document.getElementById("new");
const busy = document.getElementById("busy");
const shown = document.getElementById("rows-shown");
// One key for one form: pressing the button twice asks once.
let key = crypto.randomUUID?.() || String(Math.random()).slice(2);

function read() {
  const data = new FormData(form);
  const rows = data.get("rows");
  const config = { format: data.get("format"), rows: rows === "" ? null : Number(rows) };
  if (data.get("compression")) config.compression = data.get("compression");
  if (data.get("fileName")) config.fileName = data.get("fileName");
  return { schema: { ddl: data.get("ddl") }, config, seed: data.get("seed") };
}

async function attempt(what, work) {
  clearFaults(form);
  busy.textContent = what;
  form.querySelectorAll("button").forEach((button) => (button.disabled = true));
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showFaults(form, error.problem);
  } finally {
    busy.textContent = "";
    form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  }
}

form.addEventListener("input", () => {
  key = crypto.randomUUID?.() || String(Math.random()).slice(2);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt("Starting…", async () => {
    const accepted = await call("POST", `${BASE}/export`, read(), { "idempotency-key": key });
    location.assign(`/exports/${accepted.jobId}`);
  });
});

function tableOf(found) {
  const box = document.createElement("div");
  box.className = "scroll";
  box.tabIndex = 0;
  const table = document.createElement("table");
  table.createCaption().textContent = found.name;
  const head = table.createTHead().insertRow();
  for (const column of found.columns) {
    head.append(Object.assign(document.createElement("th"), { textContent: column, scope: "col" }));
  }
  const body = table.createTBody();
  for (const row of found.rows) {
    const line = body.insertRow();
    for (const value of row) {
      const cell = line.insertCell();
      cell.textContent = value === null ? "null" : typeof value === "object" ? JSON.stringify(value) : String(value);
      if (value === null) cell.className = "null";
    }
  }
  box.append(table);
  return box;
}

document.getElementById("preview").addEventListener("click", () => {
  attempt("Making the first rows…", async () => {
    const preview = await call("POST", `${BASE}/preview?rows=5`, read());
    document.getElementById("tables").replaceChildren(...preview.tables.map(tableOf));
    shown.hidden = false;
    shown.scrollIntoView({ behavior: "smooth", block: "nearest" });
  });
});
