// Which table refers to which, as a drawing: parents on the left, children to the right of them.

const SVG = "http://www.w3.org/2000/svg";
const BOX = { width: 172, height: 34, across: 56, down: 14 };
const MOST_TABLES = 60;
const MOST_CHARS = 22;

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Plans list parents before children; what refers to itself, or against that order, stays where it is.
function columnsOf(tables) {
  const depth = new Map();
  for (const table of tables) {
    const parents = table.relations.map((relation) => depth.get(relation.parent)).filter((found) => found !== undefined);
    depth.set(table.name, parents.length ? Math.max(...parents) + 1 : 0);
  }
  return depth;
}

// A schema that all tables share tells none of them apart; of a long name both ends do.
function labels(tables) {
  const schemaOf = (name) => name.slice(0, name.indexOf(".") + 1);
  const shared = tables.every((table) => schemaOf(table.name) === schemaOf(tables[0].name)) ? schemaOf(tables[0].name).length : 0;
  return (table) => {
    const name = table.name.slice(shared);
    const half = (MOST_CHARS - 1) / 2;
    return name.length > MOST_CHARS ? `${name.slice(0, Math.ceil(half))}…${name.slice(-Math.floor(half))}` : name;
  };
}

export function draw(tables) {
  if (tables.length > MOST_TABLES || tables.every((table) => !table.relations.length)) return null;
  const depth = columnsOf(tables);
  const labelOf = labels(tables);
  const places = new Map();
  const heights = [];
  // Column by column, each table about as high as its parents: fewer lines cross.
  const heightOf = (table) => {
    const rows = table.relations.map((relation) => places.get(relation.parent)?.y).filter((y) => y !== undefined);
    return rows.length ? rows.reduce((sum, y) => sum + y, 0) / rows.length : 0;
  };
  for (let column = 0; column <= Math.max(...depth.values()); column += 1) {
    const here = tables.filter((table) => depth.get(table.name) === column).map((table) => [heightOf(table), table]);
    here.sort(([a], [b]) => a - b);
    here.forEach(([, table], row) => places.set(table.name, { x: column * (BOX.width + BOX.across), y: row * (BOX.height + BOX.down) }));
    heights[column] = here.length;
  }
  const width = heights.length * (BOX.width + BOX.across) - BOX.across + 2;
  const height = Math.max(...heights) * (BOX.height + BOX.down) - BOX.down + 2;
  const told = tables.flatMap((table) => table.relations.map((relation) => `${table.name} refers to ${relation.parent}`));
  const svg = element("svg", { viewBox: `-1 -1 ${width} ${height}`, width, height, role: "img", class: "diagram" });
  svg.append(element("title", {}, told.join(", ")));
  for (const table of tables) {
    const to = places.get(table.name);
    for (const relation of table.relations) {
      const from = places.get(relation.parent);
      if (!from || relation.parent === table.name) continue;
      const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2];
      const bend = Math.max(20, Math.abs(x2 - x1) / 2);
      svg.append(element("path", { d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, class: "edge" }));
    }
  }
  for (const table of tables) {
    const { x, y } = places.get(table.name);
    const box = element("g", { class: "box" });
    box.append(
      element("title", {}, table.name),
      element("rect", { x, y, width: BOX.width, height: BOX.height, rx: 6 }),
      element("text", { x: x + BOX.width / 2, y: y + BOX.height / 2, "dominant-baseline": "central", "text-anchor": "middle" }, labelOf(table)),
    );
    svg.append(box);
  }
  return svg;
}
