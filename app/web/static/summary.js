// What the rows of an export look like, fetched when it is asked for: the service makes them again to look at them.

import { call } from "./api.js";
import { count, typeName } from "./format.js";
import { grid } from "./grid.js";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const share = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function text(value) {
  return value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

function scrolling(label, ...children) {
  const box = make("div", { className: "scroll", tabIndex: 0 }, ...children);
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", label);
  return box;
}

function columnLine(column, about) {
  const ends = [text(column.least), text(column.most)].filter(Boolean).join(" … ");
  // To the second: both ends are to be seen.
  const brief = ends.replace(/( \d\d:\d\d:\d\d)\.\d+/g, "$1").replace(/(:\d\d)\+00(:00)?/g, "$1");
  const common = column.common.map((one) => `${text(one.value)} (${share.format(one.share)})`).join(", ");
  return make("tr", {},
    make("th", { scope: "row", title: `${column.name} ${column.type}` }, make("code", { textContent: column.name }), make("span", { className: "type", textContent: ` ${typeName(column.type)}` })),
    make("td", { className: "number", textContent: column.nullRate ? about(share.format(column.nullRate)) : "none" }),
    make("td", { className: "number", textContent: column.distinct === null ? "not counted" : about(count(column.distinct)) }),
    make("td", { textContent: brief, title: ends }),
    make("td", { textContent: common, title: common }));
}

function bars({ bars: found, parents }) {
  const most = Math.max(1, ...found.map((bar) => bar.parents));
  return found.map(({ low, high, parents: n }) => {
    const label = low === high ? `${low}` : `${low}–${high}`;
    const meter = make("meter", { min: 0, max: most, value: n });
    meter.setAttribute("aria-label", `${count(n)} of ${count(parents)} with ${label}`);
    return make("div", { className: "spread-bar" }, make("span", { textContent: label }), meter, make("span", { className: "number", textContent: count(n) }));
  });
}

function spread(table, relation) {
  const told = relation.counted
    ? `${whole.format(relation.average)} for each of ${count(relation.parents)} in ${relation.parent}, at most ${count(relation.most)}`
    : `about ${whole.format(relation.average)} for each of ${count(relation.parents)} in ${relation.parent}; too many to count`;
  return make("figure", { className: "spread" },
    make("figcaption", {}, make("code", { textContent: relation.columns.join(", ") }), ` of ${table.name}: ${told}`),
    ...bars(relation));
}

function block(table, open) {
  const about = (figure) => (table.exact ? figure : `≈ ${figure}`);
  const head = make("tr", {}, ...["Column", "Null", "Distinct", "From … to", "Most often"].map((title) => make("th", { scope: "col", textContent: title })));
  const looked = table.exact ? `${count(table.rows)} rows` : `${count(table.rows)} rows; estimated from ${count(table.looked)} of them`;
  return make("details", { open },
    make("summary", {}, make("strong", { textContent: table.name }), make("span", { className: "hint", textContent: ` ${looked}` })),
    scrolling(`Columns of ${table.name}`, make("table", {}, make("thead", {}, head), make("tbody", {}, ...table.columns.map((column) => columnLine(column, about))))),
    ...table.relations.map((relation) => spread(table, relation)),
    scrolling(`First rows of ${table.name}`, grid({ name: "First rows", ...table.sample })));
}

export function offerSummary(box, path) {
  const press = box.querySelector("button");
  const said = box.querySelector("[role=status]");
  press.addEventListener("click", async () => {
    press.disabled = true;
    said.textContent = "Looking…";
    try {
      const found = await call("GET", `${path}/summary`);
      box.querySelector("[data-slot=tables]").replaceChildren(...found.tables.map((table, place) => block(table, place === 0)));
      said.textContent = `${count(found.tables.length)} ${found.tables.length === 1 ? "table" : "tables"}.`;
      press.hidden = true;
      box.querySelector("[data-slot=tables] summary")?.focus();
    } catch (error) {
      said.textContent = error.message;
      press.disabled = false;
    }
  });
}
