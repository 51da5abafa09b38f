// Numbers and moments as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function count(number) {
  return number === null || number === undefined ? "–" : whole.format(number);
}

export function size(bytes) {
  if (bytes === null || bytes === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let number = bytes;
  while (number >= 1000 && units.length > 1) {
    number /= 1000;
    units.shift();
  }
  return `${number >= 100 || units[0] === "B" ? number.toFixed(0) : number.toFixed(1)} ${units[0]}`;
}

export function moment(text) {
  return text ? moments.format(new Date(text)) : "–";
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

// Types by the short names that people write.
const SHORT = { "timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp", "character varying": "varchar" };

export function typeName(name) {
  return name.replace(/^(timestamp with(?:out)? time zone|character varying)/, (long) => SHORT[long]);
}

// Server-rendered moments are in UTC; the reader has a zone of their own.
export function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    if (time.dateTime) time.textContent = moment(time.dateTime);
  }
}
