// Rows as a table.

export function grid({ name, columns, rows }) {
  const table = document.createElement("table");
  table.createCaption().textContent = name;
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    head.append(Object.assign(document.createElement("th"), { textContent: column, scope: "col" }));
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const value of row) {
      const cell = line.insertCell();
      cell.textContent = value === null ? "null" : typeof value === "object" ? JSON.stringify(value) : String(value);
      if (value === null) cell.className = "null";
    }
  }
  return table;
}
