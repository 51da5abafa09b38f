// Event streams that stay: each event once, over as many connections as it takes, and a word where that takes long.

import { SeedbedError } from "./seedbed.js";

// A line that comes back at once is not worth a word.
const TOLD_AFTER_MS = 2000;

// `open(options)` is a `watch` of the client, `take(event)` gets its events in order, those after `after`; `ended` is told
// when no more will come. Returns what ends it before.
export function follow(open, take, { after, ended = () => {} } = {}) {
  const notice = document.getElementById("lost");
  let last = after;
  let telling = null;
  let line = null;

  const back = () => {
    clearTimeout(telling);
    telling = null;
    notice.textContent = "";
  };
  const lost = () => {
    telling ??= setTimeout(() => (notice.textContent = "The connection is lost. Trying again …"), TOLD_AFTER_MS);
  };

  async function run() {
    const own = new AbortController();
    line = own;
    const options = { signal: own.signal, lastEventId: last, onConnection: (state) => (state === "open" ? back() : lost()) };
    try {
      for await (const event of open(options)) {
        if (own.signal.aborted) return;
        last = event.id;
        await take(event);
      }
      if (own.signal.aborted) return;
      close();
      ended();
    } catch (error) {
      if (own.signal.aborted) return;
      if (!(error instanceof SeedbedError)) throw error;
      close();
      if (error.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
      else notice.textContent = `This page is no longer kept up to date: ${error.message}. Load it again.`;
    }
  }

  const again = () => {
    if (line === null) return;
    line.abort();
    run();
  };

  // A machine that was carried elsewhere need not wait for the next try, and a page that is left holds no line.
  const events = { online: again, offline: lost, pagehide: () => line?.abort(), pageshow: (event) => event.persisted && again() };
  const close = () => {
    for (const [name, heard] of Object.entries(events)) removeEventListener(name, heard);
    line?.abort();
    line = null;
    back();
  };

  for (const [name, heard] of Object.entries(events)) addEventListener(name, heard);
  run();
  return close;
}
