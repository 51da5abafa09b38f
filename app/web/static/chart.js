// Rows a second over the time of an export, as a line.

import { count, duration } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 600;
const HEIGHT = 120;
const MOST_POINTS = 200;

// Between two reports: how many rows came, in how much time.
export function speeds(reports) {
  const found = [];
  for (let i = 1; i < reports.length; i += 1) {
    const seconds = (reports[i].at - reports[i - 1].at) / 1000;
    const rows = reports[i].rows - reports[i - 1].rows;
    if (seconds <= 0 || rows < 0) continue;
    // The first interval has its speed from its beginning on.
    if (!found.length) found.push({ at: reports[i - 1].at, speed: rows / seconds });
    found.push({ at: reports[i].at, speed: rows / seconds });
  }
  return found;
}

function thinned(points) {
  const step = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => index % step === 0 || index === points.length - 1);
}

export function drawSpeed(box, reports) {
  const points = thinned(speeds(reports));
  box.hidden = points.length < 2;
  if (box.hidden) return;
  const [first, last] = [reports[0].at, points.at(-1).at];
  const most = Math.max(...points.map((point) => point.speed), 1);
  const line = points
    .map(({ at, speed }) => `${(((at - first) / Math.max(last - first, 1)) * WIDTH).toFixed(1)},${(HEIGHT - (speed / most) * HEIGHT).toFixed(1)}`)
    .join(" ");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 -2 ${WIDTH} ${HEIGHT + 4}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  const seconds = (last - first) / 1000;
  const total = reports.at(-1).rows - reports[0].rows;
  const told = `Rows a second over ${duration(seconds)}: up to ${count(most)}, ${count(total / Math.max(seconds, 0.001))} on average`;
  svg.setAttribute("aria-label", told);
  const path = document.createElementNS(SVG, "polyline");
  path.setAttribute("points", line);
  const below = document.createElementNS(SVG, "polygon");
  const ends = [points[0].at, last].map((at) => (((at - first) / Math.max(last - first, 1)) * WIDTH).toFixed(1));
  below.setAttribute("points", `${ends[0]},${HEIGHT} ${line} ${ends[1]},${HEIGHT}`);
  svg.append(below, path);
  box.querySelector(".plot").replaceChildren(svg);
  box.querySelector("figcaption").textContent = told;
}
