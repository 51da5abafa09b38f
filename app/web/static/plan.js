// A plan, table by table: how many rows, what fills each column and why; each of them can be set otherwise.

import { draw } from "./diagram.js";
import { count, duration, size, typeName } from "./format.js";

const tables = document.getElementById("plan-tables");

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Calls `act` once for each new value of an input, whether it was changed or only left.
function settled(input, act) {
  let known = input.value;
  const look = () => {
    if (input.value === known) return;
    known = input.value;
    act(known);
  };
  input.addEventListener("change", look);
  input.addEventListener("blur", look);
}

// Draws a part anew under the hands of whoever types in it: the same field has the focus, and what was typed, afterwards.
function redrawn(box, draw) {
  const before = box.contains(document.activeElement) ? document.activeElement : null;
  const name = before?.getAttribute("aria-label") || before?.dataset.key;
  const caret = before?.selectionStart ?? null;
  const typed = before?.matches("input") ? { value: before.value, was: before.defaultValue } : null;
  draw();
  if (!name) return;
  const after = [...box.querySelectorAll("input, summary, [tabindex]")].find((one) => (one.getAttribute("aria-label") || one.dataset.key) === name);
  if (!after) return;
  if (typed && typed.value !== typed.was) after.value = typed.value;
  after.focus({ preventScroll: true });
  if (caret !== null) after.setSelectionRange(caret, caret);
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
  input.defaultValue = input.value;
  settled(input, (written) => {
    const key = `${table.name}\n${column.name}`;
    if (written.trim()) settings.overrides.set(key, written);
    else settings.overrides.delete(key);
    changed(table.name);
  });
  const facts = [column.why, column.note, column.nullRate ? `${Math.round(column.nullRate * 100)} % null` : "", column.unique ? "unique" : ""];
  return make("tr", {},
    make("th", { scope: "row", title: `${column.name} ${column.type}` }, make("code", { textContent: column.name }), make("span", { className: "type", textContent: ` ${typeName(column.type)}` })),
    make("td", {}, input),
    make("td", { textContent: facts.filter(Boolean).join("; ") }));
}

function columnsOf(table, settings, changed) {
  const body = make("tbody", {}, ...table.columns.map((column) => columnLine(table, column, settings, changed)));
  const head = make("thead", {}, make("tr", {}, ...["Column", "Filled by", "Why"].map((text) => make("th", { scope: "col", textContent: text }))));
  const scroll = make("div", { className: "scroll", tabIndex: 0 }, make("table", { className: "plan-columns" }, head, body));
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", `Columns of ${table.name}`);
  return scroll;
}

function tableBlock(table, settings, changed, open) {
  const rows = make("input", { type: "number", min: 0, step: 1, value: table.rows, inputMode: "numeric" });
  rows.setAttribute("aria-label", `Rows of ${table.name}`);
  rows.defaultValue = rows.value;
  settled(rows, (written) => {
    if (written === "") settings.rows.delete(table.name);
    else settings.rows.set(table.name, Number(written));
    changed(table.name);
  });
  const parents = table.relations.map((relation) => `${count(Math.round(relation.average * 10) / 10)} for each of ${relation.parent}`);
  const summary = make("summary", { textContent: table.columns.length === 1 ? "1 column" : `${table.columns.length} columns` });
  summary.dataset.key = `summary of ${table.name}`;
  const details = make("details", { open }, summary);
  details.dataset.table = table.name;
  // Fields are made where they are looked at: hundreds of tables have thousands of them.
  const fill = () => details.children.length === 1 && details.append(columnsOf(table, settings, changed));
  // With the click, or the key: "toggle" comes later, when the next key may have led past them.
  summary.addEventListener("click", fill);
  details.addEventListener("toggle", () => details.open && fill());
  if (open) fill();
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
  redrawn(tables, () =>
    tables.replaceChildren(...plan.tables.map((table) => tableBlock(table, settings, changed, open.has(table.name) || plan.tables.length === 1))));
  document.getElementById("plan").hidden = false;
}
