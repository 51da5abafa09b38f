// One export: its bar, its story, and what can be done with it.

import { BASE, call, clearFaults, held, Problem, showFaults } from "./api.js";
import { drawSpeed } from "./chart.js";
import { count, duration, moment, size } from "./format.js";
import { follow } from "./live.js";
import { createClient } from "./seedbed.js";
import { toast } from "./shell.js";
import { offerSummary } from "./summary.js";

const root = document.getElementById("export");
const story = document.getElementById("story");
const here = `${BASE}/export/${root.dataset.jobId}`;
const mayChange = root.dataset.mayChange === "yes";
const ACTIVE = ["queued", "running", "cancelling"];
const AGAIN = ["failed", "cancelled", "expired"];
const LOOKED_MS = 2000;
// The newest event that was taken: what the page shows.
let last = 0;
let reports = [];

const slot = (name) => root.querySelector(`[data-slot="${name}"]`);
const button = (name) => root.querySelector(`[data-action="${name}"]`);

function showState(status) {
  root.dataset.status = status;
  slot("status").textContent = status;
  slot("download").hidden = !(status === "completed" && mayChange);
  button("cancel").hidden = !(mayChange && ["queued", "running"].includes(status));
  button("retry").hidden = !(mayChange && AGAIN.includes(status));
  button("delete").hidden = root.dataset.owner !== "yes" || ACTIVE.includes(status);
}

function tell(event) {
  if (story.querySelector(`[data-seq="${event.seq}"]`)) return;
  const line = document.createElement("li");
  line.dataset.seq = event.seq;
  line.dataset.kind = event.kind;
  const part = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });
  const time = part("time", "", moment(event.createdAt));
  time.dateTime = event.createdAt;
  line.append(part("span", "what", event.kind), part("span", "far", `${count(event.rowsGenerated)} rows`), time);
  story.append(line);
}

function estimate(event) {
  const left = event.status === "running" ? event.etaSeconds : null;
  slot("eta").textContent = left > 1 ? `about ${duration(left)} left` : "";
}

// Parts are counted with the export, not in its events: asked for now and then while it is made.
let looking = null;

function countParts() {
  looking ??= setTimeout(async () => {
    looking = null;
    if (root.dataset.status !== "running") return;
    const found = await call("GET", here).catch(() => null);
    if (found && root.dataset.status === "running") slot("parts").textContent = count(found.partsDone);
  }, LOOKED_MS);
}

async function refresh() {
  const found = await call("GET", here).catch(() => null);
  if (!found) return;
  showState(found.status);
  slot("size").textContent = size(found.bytes);
  slot("sha256").textContent = found.sha256 || "–";
  slot("expires").textContent = moment(found.expiresAt);
  slot("parts").textContent = count(found.partsDone);
  slot("attempts").textContent = `${count(found.attempts)} failed`;
  const error = slot("error");
  error.hidden = !found.errorDetails;
  error.textContent = found.errorDetails?.message || "";
  slot("fault-facts").textContent = Object.entries(found.errorDetails || {})
    .filter(([name, value]) => name !== "message" && ["string", "number"].includes(typeof value))
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function take(event) {
  if (event.seq <= last) return;
  last = event.seq;
  showState(event.status);
  slot("bar").value = event.progressPercent;
  slot("percent").textContent = Math.floor(event.progressPercent);
  slot("rows").textContent = count(event.rowsGenerated);
  estimate(event);
  if (event.kind === "started" || event.kind === "retry") reports = [];
  reports.push({ at: Date.parse(event.createdAt), rows: event.rowsGenerated });
  drawSpeed(document.getElementById("speed"), reports);
  if (event.type === "progress") countParts();
  if (event.type !== "progress") {
    tell(event);
    slot("said").textContent = `${event.kind}, ${count(event.rowsGenerated)} rows`;
  }
}

const seedbed = createClient();
let stop = () => {};
function watch() {
  stop();
  stop = follow((options) => seedbed.watch(root.dataset.jobId, options), take, { after: last || undefined, ended: refresh });
}

for (const name of ["cancel", "retry"]) {
  button(name).addEventListener("click", async () => {
    try {
      const answer = await held([button(name)], () => call("POST", `${here}/${name}`));
      showState(answer.status);
      // The button has gone, and must not take along where one was.
      if (button(name).hidden) document.getElementById("progress").focus();
      if (name === "retry") {
        slot("error").hidden = true;
        slot("fault-facts").textContent = "";
        watch();
      }
    } catch (error) {
      toast(error.message, "failed");
    }
  });
}

// A dialog of the page's own: Escape closes it, and the focus goes back to the button that opened it.
const asking = document.getElementById("delete");
button("delete").addEventListener("click", () => asking.showModal());
asking.querySelector("[data-keep]").addEventListener("click", () => asking.close());
asking.querySelector("[data-delete]").addEventListener("click", async () => {
  try {
    await held(asking.querySelectorAll("button"), () => call("DELETE", here));
    location.assign("/");
  } catch (error) {
    asking.close();
    toast(error.message, "failed");
  }
});

for (const again of document.querySelectorAll("[data-redeliver]")) {
  again.addEventListener("click", async () => {
    const line = again.closest("li");
    try {
      await call("POST", `${here}/deliveries/${line.dataset.delivery}/redeliver`);
      line.querySelector('[data-slot="state"]').textContent = "pending";
    } catch (error) {
      toast(error.message, "failed");
    }
  });
}

const shares = document.getElementById("shares");
const sharing = document.getElementById("share");

const shareForm = document.getElementById("share-line");

function shareLine({ id, userId, email, role }) {
  const line = shareForm.content.firstElementChild.cloneNode(true);
  line.dataset.share = id;
  const fill = (name, text) => (line.querySelector(`[data-slot="${name}"]`).textContent = text);
  fill("who", email || userId);
  fill("role", role);
  fill("waiting", userId === null ? ", has not come by yet" : "");
  line.querySelector("button").setAttribute("aria-label", `Take back from ${email || userId}`);
  return line;
}

sharing?.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearFaults(sharing);
  const data = new FormData(sharing);
  const [who, role] = [data.get("who").trim(), data.get("role")];
  try {
    // An address stands in no path: paths are logged.
    const share = await held([sharing.querySelector("button")], () =>
      /^[0-9a-f-]{36}$/i.test(who) ? call("PUT", `${here}/shares/${who}`, { role }) : call("POST", `${here}/shares`, { email: who, role }));
    const known = [...shares.children].find((line) => line.querySelector('[data-slot="who"]').textContent === (share.email || share.userId));
    // Of one that somebody came by with, the answer tells no more than of another.
    if (known) known.querySelector('[data-slot="role"]').textContent = share.role;
    else shares.append(shareLine(share));
    // The next one may be half typed by now.
    if (sharing.elements.who.value.trim() === who) sharing.elements.who.value = "";
    toast(`Shared with ${who}`, "completed");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showFaults(sharing, error.problem);
  }
});

shares?.addEventListener("click", async (event) => {
  const line = event.target.closest("[data-unshare]")?.closest("li");
  if (!line) return;
  try {
    await call("DELETE", `${here}/shares/${line.dataset.share}`);
    line.remove();
    sharing.elements.who.focus();
  } catch (error) {
    toast(error.message, "failed");
  }
});

offerSummary(document.getElementById("summary"), here);

// Until here a press would have done nothing.
document.querySelectorAll("#export button").forEach((one) => (one.disabled = false));

// From the first event on, also of one that has ended: its course is drawn.
watch();
