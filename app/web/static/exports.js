// The list: every bar moves, new exports appear, the ends are told.

import { BASE, call } from "./api.js";
import { count, moment, size } from "./format.js";
import { follow } from "./live.js";
import { createClient } from "./seedbed.js";
import { toast } from "./shell.js";

const list = document.getElementById("exports");
const form = document.getElementById("card");
const seen = new Map();
const RECOUNTED_MS = 500;
const ENDS = ["completed", "failed", "cancelled"];

function cardOf(jobId) {
  return list.querySelector(`[data-job-id="${CSS.escape(jobId)}"]`);
}

function slot(card, name) {
  return card.querySelector(`[data-slot="${name}"]`);
}

function fill(card, found) {
  card.dataset.jobId = found.jobId;
  card.dataset.status = found.status;
  slot(card, "status").textContent = found.status;
  slot(card, "bar").value = found.progressPercent;
  slot(card, "rows").textContent = count(found.rowsGenerated);
  if (found.rowsTotal !== undefined) slot(card, "total").textContent = count(found.rowsTotal);
  if (found.bytes) slot(card, "size").textContent = size(found.bytes);
  // Of an export, not of an event: those do not say when it was asked for, nor by whom.
  if (found.requestedAt) {
    const name = slot(card, "name");
    name.textContent = found.fileName;
    name.href = `/exports/${found.jobId}`;
    slot(card, "bar").setAttribute("aria-label", `Progress of ${found.fileName}`);
    const requested = slot(card, "requested");
    requested.dateTime = found.requestedAt;
    requested.textContent = moment(found.requestedAt);
    slot(card, "access").textContent = found.access === "owner" ? "" : "shared with you";
  }
}

// What is used changes with every beginning and end: looked up once for all that come together.
let counting = null;

function recount() {
  counting ??= setTimeout(async () => {
    counting = null;
    const answer = await fetch("/", { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".usage");
    if (fresh) document.querySelector(".usage").replaceChildren(...fresh.children);
  }, RECOUNTED_MS);
}

async function add(jobId) {
  const found = await call("GET", `${BASE}/export/${jobId}`).catch(() => null);
  if (!found || cardOf(jobId)) return;
  const card = form.content.firstElementChild.cloneNode(true);
  fill(card, found);
  list.prepend(card);
  document.getElementById("empty").hidden = true;
}

async function take(event) {
  // After a reconnection an event may come again.
  if (event.seq <= (seen.get(event.jobId) || 0)) return;
  seen.set(event.jobId, event.seq);
  const card = cardOf(event.jobId);
  if (card) fill(card, event);
  else await add(event.jobId);
  // An attempt that will be made again is told with the export, not to everybody at once.
  if (event.type === "delivery" && event.details.state !== "pending") {
    toast(event.text, event.details.state === "delivered" ? "completed" : "failed");
  }
  if (event.type === "status") recount();
  if (event.type === "status" && ENDS.includes(event.kind)) {
    const known = cardOf(event.jobId);
    toast(event.text, event.kind);
    if (known && event.kind === "completed") {
      const whole = await call("GET", `${BASE}/export/${event.jobId}`).catch(() => null);
      if (whole) fill(known, whole);
    }
  }
}

if (list.dataset.live === "yes") follow((options) => createClient().watchAll(options), take);
