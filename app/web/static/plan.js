// A plan, table by table: how many rows, what fills each column and why; each of them can be set otherwise.

import { draw } from "./diagram.js";
import { count, duration, size } from "./format.js";

const tables = document.getElementById("plan-tables");

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// What a person wrote for a column: JSON where it looks like it, else the name of a generator.
export function readOverride(text) {
  const written = text.trim();
  if (/^[[{"\d-]|^(null|true|false)$/.test(written)) {
    try {
      return JSON.parse(written);
    } catch {
      return written;
    }
  }
  return { generator: written };
}

function columnLine(table, column, settings, changed) {
  const label = `${column.name} of ${table.name}: another generator`;
  const input = make("input", { type: "text", autocomplete: "off", placeholder: column.generator, value: settings.overrides.get(`${table.name}\n${column.name}`) || "" });
  input.setAttribute("list", "generators");
  input.setAttribute("aria-label", label);
  input.dataset.pointer = `/config/overrides/${table.name}/${column.name}`;
  input.disabled = column.generator === "reference" || column.generator === "generated";
  input.addEventListener("change", () => {
    const key = `${table.name}\n${column.name}`;
    if (input.value.trim()) settings.overrides.set(key, input.value);
    else settings.overrides.delete(key);
    changed(table.name);
  });
  const facts = [column.why, column.note, column.nullRate ? `${Math.round(column.nullRate * 100)} % null` : "", column.unique ? "unique" : ""];
  return make("tr", {},
    make("th", { scope: "row" }, make("code", { textContent: column.name }), make("span", { className: "type", textContent: ` ${column.type}` })),
    make("td", {}, input),
    make("td", { textContent: facts.filter(Boolean).join("; ") }));
}

function tableBlock(table, settings, changed, open) {
  const rows = make("input", { type: "number", min: 0, step: 1, value: table.rows, inputMode: "numeric" });
  rows.setAttribute("aria-label", `Rows of ${table.name}`);
  rows.addEventListener("change", () => {
    if (rows.value === "") settings.rows.delete(table.name);
    else settings.rows.set(table.name, Number(rows.value));
    changed(table.name);
  });
  const parents = table.relations.map((relation) => `${count(Math.round(relation.average * 10) / 10)} for each of ${relation.parent}`);
  const body = make("tbody", {}, ...table.columns.map((column) => columnLine(table, column, settings, changed)));
  const head = make("thead", {}, make("tr", {}, ...["Column", "Filled by", "Why"].map((text) => make("th", { scope: "col", textContent: text }))));
  const scroll = make("div", { className: "scroll", tabIndex: 0 }, make("table", { className: "plan-columns" }, head, body));
  const details = make("details", { open },
    make("summary", { textContent: `${table.columns.length} columns` }), scroll);
  details.dataset.table = table.name;
  return make("section", { className: "planned" },
    make("div", { className: "planned-head" }, make("h3", { textContent: table.name }), make("label", {}, rows, " rows"),
      make("span", { className: "hint", textContent: parents.join("; ") })),
    details);
}

export function showPlan(plan, format, settings, changed) {
  const bytes = plan.expectedBytes[format];
  document.getElementById("plan-facts").textContent =
    `${count(plan.rowsTotal)} rows in ${count(plan.tables.length)} tables, about ${size(bytes)} as ${format}, about ${duration(Math.max(1, plan.expectedSeconds))} on one core`;
  const applied = (plan.prompt?.applied || []).map((text) => `Understood: ${text}`);
  const left = (plan.prompt?.notApplied || []).map(({ text, reason }) => `Not applied: “${text}”, ${reason}`);
  const notes = [...applied, ...left, ...plan.warnings.map((warning) => String(warning))];
  document.getElementById("plan-warnings").replaceChildren(...[...new Set(notes)].map((text) => make("li", { textContent: text })));
  const drawing = draw(plan.tables);
  const box = document.getElementById("diagram");
  box.hidden = !drawing;
  box.replaceChildren(...(drawing ? [drawing] : []));
  const open = new Set([...tables.querySelectorAll("details[open]")].map((details) => details.dataset.table));
  tables.replaceChildren(...plan.tables.map((table) => tableBlock(table, settings, changed, open.has(table.name) || plan.tables.length === 1)));
  document.getElementById("plan").hidden = false;
}
